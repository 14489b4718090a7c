-- One text for SQLite and PostgreSQL.

-- Where the store lies, so that it is noticed when a backup of it is put back.
ALTER TABLE store_id ADD COLUMN place VARCHAR(200);
