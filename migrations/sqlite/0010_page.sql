-- What was given to browsers to come in with, as SHA-256: a code stands for the token that
-- asked for it, a challenge for nobody. Each is good once, at any node.
CREATE TABLE page_given (
    digest BLOB PRIMARY KEY,
    token_id INTEGER REFERENCES tokens,
    expires_at INTEGER NOT NULL
) STRICT;

-- The bearers that browsers hold in memory, as SHA-256, good at any node.
CREATE TABLE page_sessions (
    digest BLOB PRIMARY KEY,
    token_id INTEGER NOT NULL REFERENCES browsers,
    opened_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) STRICT;

CREATE INDEX page_sessions_by_browser ON page_sessions (token_id);
