-- One text for SQLite and PostgreSQL. Single requests that are gathered into jobs.

-- Requests that can share a batch.
CREATE TABLE queue_group (
  id         VARCHAR(40)  PRIMARY KEY,
  queue      VARCHAR(100) NOT NULL,
  client     VARCHAR(500) NOT NULL,
  provider   VARCHAR(100) NOT NULL,
  endpoint   VARCHAR(200) NOT NULL,
  model      VARCHAR(500) NOT NULL
);

-- The queued requests of a group, counted in the transactions that add and remove them.
CREATE TABLE queue_count (
  group_id VARCHAR(40)  NOT NULL REFERENCES queue_group (id),
  job_type VARCHAR(200) NOT NULL,
  priority INTEGER      NOT NULL,
  requests BIGINT       NOT NULL,
  bytes    BIGINT       NOT NULL,
  tokens   BIGINT       NOT NULL,
  PRIMARY KEY (group_id, job_type, priority)
);

-- Ids begin with the time, so their order is that of arrival. The body is emptied once there is an answer. Groups are never
-- deleted, so a foreign key would only cost time.
CREATE TABLE queue_request (
  id           VARCHAR(40)  PRIMARY KEY,
  group_id     VARCHAR(40)  NOT NULL,
  client       VARCHAR(500) NOT NULL,
  custom_id    VARCHAR(512) NOT NULL,
  job_type     VARCHAR(200) NOT NULL,
  priority     INTEGER      NOT NULL,
  status       VARCHAR(20)  NOT NULL,
  job_id       VARCHAR(16),
  bytes        BIGINT       NOT NULL,
  tokens       BIGINT       NOT NULL,
  metadata     TEXT,
  callback_url VARCHAR(2000),
  deadline_at  BIGINT,
  accepted_at  BIGINT       NOT NULL,
  ended_at     BIGINT,
  body         TEXT         NOT NULL,
  answer       TEXT,
  UNIQUE (client, custom_id)
);
CREATE INDEX queue_request_waiting ON queue_request (group_id, priority, id) WHERE status = 'QUEUED';
CREATE INDEX queue_request_of_job ON queue_request (job_id, priority, id) WHERE job_id IS NOT NULL;
CREATE INDEX queue_request_of_client ON queue_request (client, id);
CREATE INDEX queue_request_ended ON queue_request (ended_at, id) WHERE ended_at IS NOT NULL;

-- Jobs made of queued requests. The row is written in the transaction that takes the requests out of the queue; the job
-- itself follows, with the same id.
CREATE TABLE queue_job (
  id          VARCHAR(16)  PRIMARY KEY,
  group_id    VARCHAR(40)  NOT NULL REFERENCES queue_group (id),
  pipeline    VARCHAR(100) NOT NULL,
  requests    BIGINT       NOT NULL,
  created_at  BIGINT       NOT NULL,
  accepted_at BIGINT,
  answered_at BIGINT,
  due_at      BIGINT       NOT NULL,
  tries       INTEGER      NOT NULL,
  owner       VARCHAR(100)
);
CREATE INDEX queue_job_open ON queue_job (due_at) WHERE answered_at IS NULL;

-- Idempotency keys with the answer to their first call.
CREATE TABLE queue_key (
  client     VARCHAR(500) NOT NULL,
  name       VARCHAR(255) NOT NULL,
  hash       VARCHAR(64)  NOT NULL,
  answer     TEXT         NOT NULL,
  created_at BIGINT       NOT NULL,
  PRIMARY KEY (client, name)
);
CREATE INDEX queue_key_age ON queue_key (created_at);

-- Clients ask by the provider's id of a batch.
CREATE INDEX part_batch ON part (batch_id);
