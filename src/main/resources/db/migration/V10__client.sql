-- One text for SQLite and PostgreSQL.

-- Whose a job is, and through it its parts: the name of the key that it came with; null when it came without one.
ALTER TABLE job ADD COLUMN client VARCHAR(500);

-- The same of files, uploads and batches of the embedded server; empty when they were made without a key.
ALTER TABLE server_document RENAME COLUMN owner TO client;
