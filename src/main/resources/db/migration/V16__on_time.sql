-- One text for SQLite and PostgreSQL. When jobs may be sent, by when they are needed, and in which order.

-- send_at and send_schedule: NULL for at once.
ALTER TABLE job ADD COLUMN send_at BIGINT;
ALTER TABLE job ADD COLUMN send_schedule VARCHAR(200);
ALTER TABLE job ADD COLUMN deadline_at BIGINT;
ALTER TABLE job ADD COLUMN priority INTEGER NOT NULL DEFAULT 5;
CREATE INDEX job_send_at ON job (send_at) WHERE send_at IS NOT NULL;

-- priority: that of its job. room_since: since when it waits for room at its provider. way: BATCH, or the tier of its synchronous calls.
-- cut_short: why its batch is cancelled, or was left out. call_cost: of its synchronous calls, in millionths of a USD.
-- counted_at: when the provider's counts or status last changed.
ALTER TABLE part ADD COLUMN priority INTEGER NOT NULL DEFAULT 5;
ALTER TABLE part ADD COLUMN room_since BIGINT;
ALTER TABLE part ADD COLUMN way VARCHAR(20) NOT NULL DEFAULT 'BATCH';
ALTER TABLE part ADD COLUMN cut_short VARCHAR(20);
ALTER TABLE part ADD COLUMN call_cost BIGINT;
ALTER TABLE part ADD COLUMN calls_repeated BIGINT NOT NULL DEFAULT 0;
ALTER TABLE part ADD COLUMN counted_at BIGINT;
CREATE INDEX part_called ON part (due_at) WHERE way <> 'BATCH' AND status IN ('PLANNED', 'UPLOADED', 'CALLING');
CREATE INDEX part_unsent ON part (provider, due_at) WHERE status IN ('PLANNED', 'UPLOADED');

-- Jobs that an operator sends now, whatever their schedule. A job's own row belongs to the replica that works on it.
CREATE TABLE send_now (
  job_id       VARCHAR(16) PRIMARY KEY,
  requested_at BIGINT      NOT NULL
);

-- What the synchronous calls of a part may cost, taken from the limit of its job in pieces.
CREATE TABLE call_budget (
  part_id VARCHAR(120) PRIMARY KEY,
  job_id  VARCHAR(16) NOT NULL,
  micros  BIGINT      NOT NULL
);
CREATE INDEX call_budget_of_job ON call_budget (job_id);
CREATE INDEX job_deadline_at ON job (deadline_at) WHERE deadline_at IS NOT NULL;

-- One row: whether scheduled jobs are sent, since when they were not, and until when.
CREATE TABLE scheduler (
  id         VARCHAR(20) PRIMARY KEY,
  running    INTEGER     NOT NULL,
  stopped_at BIGINT,
  started_at BIGINT
);
