-- Browsers that were let in. Each has a token that nobody holds, since what belongs to
-- an approver belongs to a token, and comes by an Ed25519 key: base64url, 32 bytes.
CREATE TABLE browsers (
    token_id INTEGER PRIMARY KEY REFERENCES tokens,
    access_key TEXT NOT NULL UNIQUE CHECK (length(access_key) = 43),
    label TEXT,
    admitted_by INTEGER NOT NULL REFERENCES tokens,
    admitted_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE INDEX browsers_by_host ON browsers (admitted_by);
