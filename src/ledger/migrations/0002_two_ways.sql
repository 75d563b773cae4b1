-- One message may be answered in two ways, publicly and privately; and parts of the service keep notes over a restart.

CREATE TABLE replies_new (
    seq         BIGINT PRIMARY KEY,
    message     TEXT NOT NULL REFERENCES messages (message),
    route       TEXT NOT NULL,     -- direct, private
    feed        TEXT NOT NULL,
    contact     TEXT NOT NULL,
    recipient   TEXT,              -- the contact under which the platform delivered it, if another one
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
    post        TEXT,              -- keyed hash of the id that the platform gave the reply
    UNIQUE (message, route)
);
INSERT INTO replies_new (seq, message, route, feed, contact, thread, public, state, held_by, sealed, fingerprint, attempts,
                         created_at, intended_at, sending_at, sent_at, post)
    SELECT seq, message, 'direct', feed, contact, thread, public, state, held_by, sealed, fingerprint, attempts,
           created_at, intended_at, sending_at, sent_at, post
    FROM replies;
DROP TABLE replies;
ALTER TABLE replies_new RENAME TO replies;
CREATE INDEX replies_by_contact ON replies (contact, state);
CREATE INDEX replies_by_recipient ON replies (recipient, state);
CREATE INDEX replies_by_thread ON replies (thread, state);
CREATE INDEX replies_by_route ON replies (route, sending_at);
CREATE INDEX replies_by_state ON replies (state, seq);
CREATE INDEX replies_by_post ON replies (post);
CREATE INDEX replies_by_holder ON replies (held_by);
CREATE INDEX replies_public ON replies (public, intended_at);

-- Numbers and fixed words: quotas, pauses.
CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
);
