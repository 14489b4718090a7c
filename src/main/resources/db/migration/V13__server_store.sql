-- One text for SQLite and PostgreSQL. The embedded server keeps its rows in either of them, and its bytes in the workspace.

-- Who runs a batch is a replica, as with jobs; it holds the batch while its lease in "replica" is valid.
ALTER TABLE server_run RENAME COLUMN runner TO owner;
ALTER TABLE server_run DROP COLUMN lease_until;

-- Answers of an unfinished batch that were committed together, as lines; on PostgreSQL only.
CREATE TABLE server_answers (
  batch_id VARCHAR(100) NOT NULL,
  number   BIGINT       NOT NULL,
  output   BYTEA        NOT NULL,
  errors   BYTEA        NOT NULL,
  PRIMARY KEY (batch_id, number)
);
INSERT INTO server_answers (batch_id, number, output, errors)
SELECT batch_id, row_number() OVER (PARTITION BY batch_id ORDER BY custom_id),
  CASE WHEN succeeded THEN line ELSE CAST('' AS BYTEA) END,
  CASE WHEN succeeded THEN CAST('' AS BYTEA) ELSE line END
FROM server_answer;
DROP TABLE server_answer;

-- server_chunk is emptied into the workspace at the next start.
