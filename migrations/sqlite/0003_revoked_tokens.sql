-- A token that was revoked stays, since what it owned stays its own.
ALTER TABLE tokens ADD COLUMN revoked_at INTEGER;
