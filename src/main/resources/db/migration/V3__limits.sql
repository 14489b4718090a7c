-- One text for SQLite and PostgreSQL.

-- How many tokens a part may have for a model, fixed before a file is split.
ALTER TABLE job ADD COLUMN queue_limits TEXT;

-- To count the batches in flight at a provider, without looking at their rows.
CREATE INDEX part_in_flight ON part (provider, status, id);
