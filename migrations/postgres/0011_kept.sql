-- When it was first known that the enforcer keeps a pairing: it said so, or asked by its routing
-- token. Until then an older one of the same two goes on. So far each new one ended the older ones
-- at once, so those that are left are kept.
ALTER TABLE pairings ADD COLUMN kept_at BIGINT;
UPDATE pairings SET kept_at = completed_at WHERE routing_token IS NOT NULL;
