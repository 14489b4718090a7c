-- One text for SQLite and PostgreSQL.

-- The id of this store, for its life: files in inboxes are claimed under it.
CREATE TABLE store_id (
  one SMALLINT PRIMARY KEY CHECK (one = 1),
  id VARCHAR(36) NOT NULL
);
