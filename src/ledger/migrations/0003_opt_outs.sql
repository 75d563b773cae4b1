-- Contacts that want no automatic reply, until a time; deleted after it. X demands it.

CREATE TABLE opt_outs (
    contact  TEXT PRIMARY KEY,
    until_at BIGINT NOT NULL
);
