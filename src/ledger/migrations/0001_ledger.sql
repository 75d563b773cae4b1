-- The ledger: no text, no name, no handle; ids are keyed hashes (hex), times are Unix milliseconds.
-- Portable SQL: text keys, bigint times, no defaults, so that another store can use the same tree.

CREATE TABLE feeds (
    feed        TEXT PRIMARY KEY,
    baseline_at BIGINT NOT NULL,   -- the very first start
    complete_at BIGINT             -- everything up to here has been recorded
);

CREATE TABLE messages (
    message    TEXT PRIMARY KEY,
    feed       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    outcome    TEXT,               -- empty until the message has ended; then for good
    reason     TEXT
);
CREATE INDEX messages_by_age ON messages (created_at);

CREATE TABLE replies (
    seq         BIGINT PRIMARY KEY,
    message     TEXT NOT NULL UNIQUE REFERENCES messages (message),
    feed        TEXT NOT NULL,
    contact     TEXT NOT NULL,
    thread      TEXT NOT NULL,
    public      BIGINT NOT NULL,
    state       TEXT NOT NULL,     -- held, intended, sending, sent, refused, expired, in_doubt, dropped
    held_by     BIGINT,            -- the reply that this one waits for
    sealed      BLOB,              -- where it goes and which text, encrypted; erased when it ends
    fingerprint TEXT,              -- keyed hash of the text, to recognise it on the platform
    attempts    BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,   -- of the message
    intended_at BIGINT NOT NULL,
    sending_at  BIGINT,
    sent_at     BIGINT,
    post        TEXT               -- keyed hash of the id that the platform gave the reply
);
CREATE INDEX replies_by_contact ON replies (contact, state);
CREATE INDEX replies_by_thread ON replies (thread, state);
CREATE INDEX replies_by_state ON replies (state, seq);
CREATE INDEX replies_by_post ON replies (post);
CREATE INDEX replies_by_holder ON replies (held_by);
CREATE INDEX replies_public ON replies (public, intended_at);

CREATE TABLE threads (
    thread       TEXT PRIMARY KEY,
    colleague_at BIGINT NOT NULL
);

-- Figures: no contact, no message, never deleted.
CREATE TABLE outcomes (
    day     TEXT NOT NULL,
    feed    TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason  TEXT NOT NULL,
    total   BIGINT NOT NULL,
    PRIMARY KEY (day, feed, outcome, reason)
);
CREATE TABLE verdicts (
    day      TEXT NOT NULL,
    feed     TEXT NOT NULL,
    language TEXT NOT NULL,
    kind     TEXT NOT NULL,
    urgent   BIGINT NOT NULL,
    total    BIGINT NOT NULL,
    PRIMARY KEY (day, feed, language, kind, urgent)
);
