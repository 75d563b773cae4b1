-- What a ledger of format 4 holds in the middle of a night: one citizen in each state that there is, named by it.
-- Times are those of tests/ledger_contract.rs, `expect_the_night`, in Unix milliseconds.
INSERT INTO feeds VALUES ('facebook.inbox', 1795089600000, 1795175940000);
INSERT INTO messages VALUES
    ('sent', 'facebook.inbox', 1795175400000, 'sent', ''),
    ('silent', 'facebook.inbox', 1795175160000, 'silent', 'colleague'),
    ('refused', 'facebook.inbox', 1795175520000, 'refused', ''),
    ('in doubt', 'facebook.inbox', 1795175640000, 'in_doubt', ''),
    ('sending', 'facebook.inbox', 1795175880000, NULL, NULL),
    ('intended', 'facebook.inbox', 1795175940000, NULL, NULL),
    ('held', 'facebook.inbox', 1795175970000, NULL, NULL),
    ('expired', 'facebook.inbox', 1795165200000, 'expired', '');
INSERT INTO replies (seq, message, route, feed, contact, recipient, thread, public, state, held_by, sealed, fingerprint, attempts,
    created_at, intended_at, sending_at, sent_at, post) VALUES
    (1, 'sent', 'direct', 'facebook.inbox', 'contact of sent', NULL, 'thread of sent', 0, 'sent', NULL, NULL, 'text of sent', 1, 1795175400000, 1795175401000, 1795175401000, 1795175402000, 'post of sent'),
    (2, 'refused', 'direct', 'facebook.inbox', 'contact of refused', NULL, 'thread of refused', 0, 'refused', NULL, NULL, 'text of refused', 1, 1795175520000, 1795175521000, 1795175521000, NULL, NULL),
    (3, 'in doubt', 'direct', 'facebook.inbox', 'contact of in doubt', NULL, 'thread of in doubt', 0, 'in_doubt', NULL, NULL, 'text of in doubt', 2, 1795175640000, 1795175641000, 1795175650000, 1795175702000, NULL),
    (4, 'sending', 'direct', 'facebook.inbox', 'contact of sending', NULL, 'thread of sending', 0, 'sending', NULL, x'0102', 'text of sending', 1, 1795175880000, 1795175881000, 1795175910000, NULL, NULL),
    (5, 'intended', 'direct', 'facebook.inbox', 'contact of intended', NULL, 'thread of intended', 0, 'intended', NULL, x'0304', NULL, 0, 1795175940000, 1795175941000, NULL, NULL, NULL),
    (6, 'held', 'direct', 'facebook.inbox', 'contact of intended', NULL, 'thread of intended', 0, 'held', 5, x'0506', NULL, 0, 1795175970000, 1795175971000, NULL, NULL, NULL),
    (7, 'expired', 'direct', 'facebook.inbox', 'contact of expired', NULL, 'thread of expired', 0, 'expired', NULL, NULL, NULL, 0, 1795165200000, 1795165201000, NULL, NULL, NULL);
INSERT INTO threads VALUES ('thread of silent', 1795175100000);
INSERT INTO outcomes VALUES
    ('2026-11-20', 'facebook.inbox', 'expired', '', 1),
    ('2026-11-20', 'facebook.inbox', 'in_doubt', '', 1),
    ('2026-11-20', 'facebook.inbox', 'refused', '', 1),
    ('2026-11-20', 'facebook.inbox', 'sent', '', 41),
    ('2026-11-20', 'facebook.inbox', 'silent', 'colleague', 7);
INSERT INTO verdicts VALUES ('2026-11-20', 'facebook.inbox', 'fr', 'police', 1, 54);
INSERT INTO notes VALUES ('x quota', '{}'), ('sends', '44'), ('key', 'hash of the key'), ('facebook blocked until', '1795000000');
INSERT INTO opt_outs VALUES ('contact of silent', 1802952000000);
INSERT INTO languages VALUES ('contact of sent', 'thread of sent', 'nl', 1795175400000);
