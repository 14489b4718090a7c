-- One text for SQLite and PostgreSQL. Callbacks to the receivers that clients name.

-- A callback is due while due_at is set. Written in the transaction that ends its request; the id is the webhook-id.
-- lane: client and host, which share the workers. endpoint: the hash of client and URL.
CREATE TABLE queue_callback (
  id         VARCHAR(40)   PRIMARY KEY,
  request_id VARCHAR(40)   NOT NULL,
  client     VARCHAR(500)  NOT NULL,
  url        VARCHAR(2000) NOT NULL,
  lane       VARCHAR(800)  NOT NULL,
  endpoint   VARCHAR(40)   NOT NULL,
  status     VARCHAR(20)   NOT NULL,
  tries      INTEGER       NOT NULL,
  created_at BIGINT        NOT NULL,
  since_at   BIGINT        NOT NULL,
  due_at     BIGINT,
  tried_at   BIGINT,
  ended_at   BIGINT,
  answer     INTEGER,
  problem    VARCHAR(500),
  owner      VARCHAR(100)
);
CREATE INDEX queue_callback_due ON queue_callback (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX queue_callback_due_at_endpoint ON queue_callback (endpoint, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX queue_callback_since ON queue_callback (since_at) WHERE due_at IS NOT NULL;
CREATE INDEX queue_callback_ended ON queue_callback (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX queue_callback_of_client ON queue_callback (client, id);
CREATE INDEX queue_callback_not_delivered ON queue_callback (status, id) WHERE status <> 'DELIVERED';

-- Receivers whose last calls have failed; a row is deleted as soon as a call succeeds.
CREATE TABLE queue_callback_endpoint (
  id           VARCHAR(40) PRIMARY KEY,
  failures     INTEGER     NOT NULL,
  paused_until BIGINT,
  disabled_at  BIGINT,
  changed_at   BIGINT      NOT NULL
);
CREATE INDEX queue_callback_endpoint_age ON queue_callback_endpoint (changed_at);
