-- One text for SQLite and PostgreSQL. Times are epoch milliseconds.

-- A process that works on rows; what a replica without a valid lease holds is free for the others.
CREATE TABLE replica (
  id          VARCHAR(100) PRIMARY KEY,
  host        VARCHAR(300) NOT NULL,
  started_at  BIGINT       NOT NULL,
  lease_until BIGINT       NOT NULL
);

-- A source that a replica is reading, so that no other one reads it too.
CREATE TABLE reading (
  source VARCHAR(2500) PRIMARY KEY,
  owner  VARCHAR(100)  NOT NULL
);

-- Jobs that an operator wants to end; rows of jobs and parts belong to whoever works on them.
CREATE TABLE cancellation (
  job_id       VARCHAR(16) PRIMARY KEY REFERENCES job (id),
  requested_at BIGINT      NOT NULL
);

-- How many prompt tokens a provider lets wait, as it told us.
CREATE TABLE queue_limit (
  queue      VARCHAR(700) PRIMARY KEY,
  tokens     BIGINT       NOT NULL,
  learned_at BIGINT       NOT NULL
);

ALTER TABLE job ADD COLUMN parked_at BIGINT;
ALTER TABLE job ADD COLUMN retry_of VARCHAR(16);

-- Parts that came out of other parts share the number of the first.
CREATE TABLE part_of_job (
  id             VARCHAR(120) PRIMARY KEY,
  job_id         VARCHAR(16)  NOT NULL REFERENCES job (id),
  number         INTEGER      NOT NULL,
  name           VARCHAR(100) NOT NULL,
  attempt        INTEGER      NOT NULL,
  pipeline       VARCHAR(100) NOT NULL,
  provider       VARCHAR(100) NOT NULL,
  key            VARCHAR(200) NOT NULL UNIQUE,
  endpoint       VARCHAR(200) NOT NULL,
  model          VARCHAR(500) NOT NULL,
  requests       BIGINT       NOT NULL,
  bytes          BIGINT       NOT NULL,
  status         VARCHAR(20)  NOT NULL,
  uploads        INTEGER      NOT NULL,
  turned_away    INTEGER      NOT NULL,
  unclear_since  BIGINT,
  input_file_id  VARCHAR(500),
  batch_id       VARCHAR(500),
  batch_status   VARCHAR(20),
  output_file_id VARCHAR(500),
  error_file_id  VARCHAR(500),
  completed      BIGINT       NOT NULL,
  failed         BIGINT       NOT NULL,
  batch_errors   TEXT,
  submitted_at   BIGINT,
  cancelled_at   BIGINT,
  ended_at       BIGINT,
  due_at         BIGINT       NOT NULL,
  polls          INTEGER      NOT NULL,
  tries          INTEGER      NOT NULL,
  setback        VARCHAR(4000),
  parked_at      BIGINT,
  version        BIGINT       NOT NULL,
  owner          VARCHAR(100),
  UNIQUE (job_id, name)
);
INSERT INTO part_of_job
  (id, job_id, number, name, attempt, pipeline, provider, key, endpoint, model, requests, bytes, status, uploads, turned_away,
   input_file_id, batch_id, batch_status, output_file_id, error_file_id, completed, failed, batch_errors, submitted_at,
   ended_at, due_at, polls, tries, setback, version)
  SELECT id, job_id, number, CAST(number AS VARCHAR(100)), 1, pipeline, provider, key, endpoint, model, requests, bytes,
   status, 1, 0, input_file_id, batch_id, batch_status, output_file_id, error_file_id, completed, failed, batch_errors,
   submitted_at, ended_at, due_at, polls, tries, setback, version FROM part;
DROP TABLE part;
ALTER TABLE part_of_job RENAME TO part;
CREATE INDEX part_due ON part (status, due_at);
CREATE INDEX part_queue ON part (provider, model, status);

-- What was the end of a part is now followed by sorting out which of its requests go out again.
UPDATE part SET status = 'SETTLED' WHERE status IN ('RETRIEVED', 'REFUSED')
  AND job_id IN (SELECT id FROM job WHERE status <> 'IN_PROGRESS');
