-- In which language somebody last wrote in a conversation, for a message that shows none; deleted by age.

CREATE TABLE languages (
    contact  TEXT NOT NULL,
    thread   TEXT NOT NULL,
    language TEXT NOT NULL,
    shown_at BIGINT NOT NULL,
    PRIMARY KEY (contact, thread)
);
