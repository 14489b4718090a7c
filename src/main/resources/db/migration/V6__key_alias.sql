-- One text for SQLite and PostgreSQL.

-- Which of a provider's keys made a batch, by some digits of its hash: often another one cannot see it.
ALTER TABLE part ADD COLUMN key_alias VARCHAR(16);
