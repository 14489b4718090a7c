-- One text for SQLite and PostgreSQL. What the embedded batch server keeps when several replicas serve it, which is on
-- PostgreSQL alone: with SQLite it keeps its folder, and these tables stay empty. Leases go by the database's clock.

-- Files, uploads and batches, as JSON.
CREATE TABLE server_document (
  id         VARCHAR(100) PRIMARY KEY,
  kind       VARCHAR(20)  NOT NULL,
  owner      VARCHAR(500) NOT NULL,
  purpose    VARCHAR(50),
  sequence   BIGINT       NOT NULL,
  expires_at BIGINT,
  version    BIGINT       NOT NULL,
  document   TEXT         NOT NULL
);
CREATE INDEX server_document_of_owner ON server_document (kind, owner, sequence);
CREATE INDEX server_document_sequence ON server_document (kind, sequence);
CREATE INDEX server_document_expiry ON server_document (kind, expires_at);

-- The bytes of files and of parts of uploads, in rows of about a megabyte.
CREATE TABLE server_content (
  id        VARCHAR(100) PRIMARY KEY,
  upload_id VARCHAR(100),
  bytes     BIGINT       NOT NULL
);
CREATE INDEX server_content_of_upload ON server_content (upload_id);
CREATE TABLE server_chunk (
  content_id VARCHAR(100) NOT NULL REFERENCES server_content (id) ON DELETE CASCADE,
  position   BIGINT       NOT NULL,
  bytes      BYTEA        NOT NULL,
  PRIMARY KEY (content_id, position)
);

-- A batch that has not ended: its input, whose bytes outlive the file, and who runs it. A runner has another name each time.
CREATE TABLE server_run (
  batch_id    VARCHAR(100) PRIMARY KEY,
  input_id    VARCHAR(100),
  runner      VARCHAR(100),
  lease_until BIGINT       NOT NULL,
  cancelling  BOOLEAN      NOT NULL
);
CREATE INDEX server_run_input ON server_run (input_id);

-- The answers of such a batch, one for each request: a custom_id, of any length, is known by its hash.
CREATE TABLE server_answer (
  batch_id  VARCHAR(100) NOT NULL,
  custom_id BYTEA        NOT NULL,
  succeeded BOOLEAN      NOT NULL,
  line      BYTEA        NOT NULL,
  PRIMARY KEY (batch_id, custom_id)
);
