-- One text for SQLite and PostgreSQL.

-- About what a job costs, in millionths of a USD; null while it was not checked.
ALTER TABLE job ADD COLUMN estimated_cost BIGINT;
