-- What enforcer and approver tell each other after a decision: ciphertext, in the order
-- of each side. What is passing is forgotten soon, the rest with its exchange.
CREATE TABLE follow_ups (
    request_id TEXT NOT NULL REFERENCES exchanges (request_id) ON DELETE CASCADE,
    side TEXT NOT NULL CHECK (side IN ('enforcer', 'approver')),
    seq BIGINT NOT NULL CHECK (seq > 0),
    passing BIGINT NOT NULL CHECK (passing IN (0, 1)),
    ciphertext TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (request_id, side, seq)
);

CREATE INDEX follow_ups_passing ON follow_ups (received_at) WHERE passing = 1;
