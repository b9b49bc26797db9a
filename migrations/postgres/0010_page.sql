-- What was given to browsers to come in with, as SHA-256: a code stands for the token that
-- asked for it, a challenge for nobody. Each is good once, at any node.
CREATE TABLE page_given (
    digest BYTEA PRIMARY KEY,
    token_id BIGINT REFERENCES tokens,
    expires_at BIGINT NOT NULL
);

-- The bearers that browsers hold in memory, as SHA-256, good at any node.
CREATE TABLE page_sessions (
    digest BYTEA PRIMARY KEY,
    token_id BIGINT NOT NULL REFERENCES browsers,
    opened_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);

CREATE INDEX page_sessions_by_browser ON page_sessions (token_id);
