-- One text for SQLite and PostgreSQL.

-- About how many tokens the prompts of a part have; four bytes each for what was cut before.
ALTER TABLE part ADD COLUMN text_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE part ADD COLUMN media_tokens BIGINT NOT NULL DEFAULT 0;
UPDATE part SET text_tokens = bytes / 4;

-- What was estimated for the texts of a queue, and what the provider counted in them.
CREATE TABLE token_rate (
  queue VARCHAR(300) PRIMARY KEY,
  estimated BIGINT NOT NULL,
  counted BIGINT NOT NULL,
  learned_at BIGINT NOT NULL
);
