-- One text for SQLite and PostgreSQL. Times are epoch milliseconds.
CREATE TABLE job (
  id            VARCHAR(16)   PRIMARY KEY,
  pipeline      VARCHAR(100)  NOT NULL,
  provider      VARCHAR(100)  NOT NULL,
  source        VARCHAR(2000) NOT NULL,
  name          VARCHAR(2000) NOT NULL,
  sha256        VARCHAR(64)   NOT NULL,
  identity      VARCHAR(2500) NOT NULL UNIQUE,
  arrival       VARCHAR(2500) NOT NULL,
  bytes         BIGINT        NOT NULL,
  status        VARCHAR(20)   NOT NULL,
  requests      BIGINT        NOT NULL,
  results       BIGINT        NOT NULL,
  errors        BIGINT        NOT NULL,
  input_tokens  BIGINT        NOT NULL,
  output_tokens BIGINT        NOT NULL,
  refusal       VARCHAR(4000),
  accepted_at   BIGINT        NOT NULL,
  finished_at   BIGINT,
  due_at        BIGINT        NOT NULL,
  tries         INTEGER       NOT NULL,
  setback       VARCHAR(4000),
  version       BIGINT        NOT NULL,
  owner         VARCHAR(100)
);
CREATE INDEX job_due ON job (status, due_at);

CREATE TABLE part (
  id             VARCHAR(32)  PRIMARY KEY,
  job_id         VARCHAR(16)  NOT NULL REFERENCES job (id),
  number         INTEGER      NOT NULL,
  pipeline       VARCHAR(100) NOT NULL,
  provider       VARCHAR(100) NOT NULL,
  key            VARCHAR(64)  NOT NULL UNIQUE,
  endpoint       VARCHAR(200) NOT NULL,
  model          VARCHAR(500) NOT NULL,
  requests       BIGINT       NOT NULL,
  bytes          BIGINT       NOT NULL,
  status         VARCHAR(20)  NOT NULL,
  input_file_id  VARCHAR(500),
  batch_id       VARCHAR(500),
  batch_status   VARCHAR(20),
  output_file_id VARCHAR(500),
  error_file_id  VARCHAR(500),
  completed      BIGINT       NOT NULL,
  failed         BIGINT       NOT NULL,
  batch_errors   TEXT,
  submitted_at   BIGINT,
  ended_at       BIGINT,
  due_at         BIGINT       NOT NULL,
  polls          INTEGER      NOT NULL,
  tries          INTEGER      NOT NULL,
  setback        VARCHAR(4000),
  version        BIGINT       NOT NULL,
  owner          VARCHAR(100),
  UNIQUE (job_id, number)
);
CREATE INDEX part_due ON part (status, due_at);

-- A name in an outbound folder belongs to the job that took it first.
CREATE TABLE delivery (
  path   VARCHAR(3000) PRIMARY KEY,
  job_id VARCHAR(16)   NOT NULL REFERENCES job (id),
  kind   VARCHAR(20)   NOT NULL
);
CREATE INDEX delivery_job ON delivery (job_id);
