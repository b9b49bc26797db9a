-- When the approver of an exchange that waits fetched it, and when it said that a
-- person was shown it. Nobody signs either: they are for whoever waits to read.
ALTER TABLE exchanges ADD COLUMN delivered_at BIGINT;
ALTER TABLE exchanges ADD COLUMN seen_at BIGINT;
