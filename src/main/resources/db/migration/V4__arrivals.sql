-- One text for SQLite and PostgreSQL.

-- Objects that stay in their bucket are listed again and again; which of them are jobs is asked by the thousand.
CREATE INDEX job_object ON job (arrival) WHERE substr(arrival, 1, 5) = 's3://';
