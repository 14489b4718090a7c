-- One text for SQLite and PostgreSQL. Times are epoch milliseconds.

-- What lies in an inbox and is not taken, with the reason.
CREATE TABLE untaken (
  source VARCHAR(3000) PRIMARY KEY,
  reason VARCHAR(1000) NOT NULL,
  since  BIGINT        NOT NULL
);
