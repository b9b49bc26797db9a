-- Times are milliseconds since 1970-01-01T00:00:00Z.

CREATE TABLE gateway (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    gateway_id TEXT NOT NULL
) STRICT;

-- A token is 256 random bits; only its SHA-256 is here.
CREATE TABLE tokens (
    token_id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    role TEXT NOT NULL CHECK (role IN ('enforcer', 'approver')),
    label TEXT,
    created_at INTEGER NOT NULL
) STRICT;

-- An identifier belongs to the token that first used it.
CREATE TABLE enforcers (
    enforcer_id TEXT PRIMARY KEY,
    token_id INTEGER NOT NULL REFERENCES tokens,
    enforcer_label TEXT,
    workspace_name TEXT,
    seen_at INTEGER
) STRICT;

CREATE TABLE approvers (
    approver_id TEXT PRIMARY KEY,
    token_id INTEGER NOT NULL REFERENCES tokens
) STRICT;

-- A pairing session, and the pairing it became once it was both claimed by an
-- enforcer and completed by an approver: then it has a routing token.
CREATE TABLE pairings (
    nonce TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    code_key TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    generated_by INTEGER REFERENCES tokens,
    enforcer_id TEXT REFERENCES enforcers,
    device_id TEXT,
    enforcer_label TEXT,
    workspace_name TEXT,
    gateway_url TEXT,
    x25519_public_key TEXT,
    claimed_at INTEGER,
    approver_id TEXT REFERENCES approvers,
    response_json TEXT,
    completed_at INTEGER,
    routing_token TEXT UNIQUE,
    revoked_at INTEGER,
    CHECK ((claimed_at IS NULL) = (enforcer_id IS NULL)),
    CHECK ((completed_at IS NULL) = (approver_id IS NULL)),
    CHECK (routing_token IS NULL OR (claimed_at IS NOT NULL AND completed_at IS NOT NULL))
) STRICT;

CREATE INDEX pairings_by_enforcer ON pairings (enforcer_id);
CREATE INDEX pairings_by_approver ON pairings (approver_id);

-- One request for a decision. What it asks is ciphertext, and the routing part
-- of its metadata is gone.
CREATE TABLE exchanges (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL UNIQUE,
    artifact_hash TEXT NOT NULL,
    artifact_type TEXT NOT NULL,
    ciphertext TEXT NOT NULL,
    metadata TEXT NOT NULL,
    enforcer_id TEXT NOT NULL REFERENCES enforcers,
    approver_id TEXT NOT NULL REFERENCES approvers,
    pairing_nonce TEXT NOT NULL REFERENCES pairings,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('pendingApproval', 'decided', 'delivered', 'expired', 'withdrawn', 'cancelled')),
    ended_at INTEGER,
    decision TEXT,
    decision_message_id TEXT UNIQUE,
    CHECK ((state = 'pendingApproval') = (ended_at IS NULL)),
    CHECK ((state IN ('decided', 'delivered')) = (decision IS NOT NULL)),
    CHECK ((decision IS NULL) = (decision_message_id IS NULL))
) STRICT;

CREATE INDEX exchanges_by_approver ON exchanges (approver_id, state, position);
CREATE INDEX exchanges_by_pairing ON exchanges (pairing_nonce) WHERE state = 'pendingApproval';
CREATE INDEX exchanges_due ON exchanges (expires_at) WHERE state = 'pendingApproval';
CREATE INDEX exchanges_ended ON exchanges (ended_at) WHERE ended_at IS NOT NULL;

-- Do-not-disturb policies as an approver stored them.
CREATE TABLE dnd_policies (
    policy_id TEXT PRIMARY KEY,
    enforcer_id TEXT NOT NULL REFERENCES enforcers,
    workspace_id TEXT NOT NULL,
    session_id TEXT,
    policy TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX dnd_policies_by_enforcer ON dnd_policies (enforcer_id, workspace_id);
