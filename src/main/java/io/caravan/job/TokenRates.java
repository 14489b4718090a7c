package io.caravan.job;

import io.caravan.jsonl.tokens.Prompts;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * How many tokens the texts of each queue, which is a provider and a model, have for each that was
 * estimated, as learned from what the provider counts in its answers.
 */
public final class TokenRates {
  /** Counts for nothing were the estimate four times off, whatever a provider says. */
  private static final int FURTHEST = 4;

  /** Of less the envelope of a conversation says more than its texts. */
  private static final long LEAST = 100;

  /** How many estimated tokens are taken to have been right before anything was learned. */
  private static final double PRIOR = 1_000;

  /** Beyond so many, half of what was learned is forgotten, so that it follows a new tokenizer. */
  private static final long MANY = 10_000_000;

  /** The queues that are remembered. */
  private static final int QUEUES = 1_000;

  private static final int LONGEST_NAME = 300;

  private final JdbcClient jdbc;

  public TokenRates(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** From a quarter to four; 1 as long as nothing is learned. */
  public double of(String queue) {
    return jdbc.sql("SELECT estimated, counted FROM token_rate WHERE queue = :queue")
        .param("queue", queue)
        .query(
            (row, number) -> (row.getLong("counted") + PRIOR) / (row.getLong("estimated") + PRIOR))
        .optional()
        .orElse(1.0);
  }

  /**
   * Adds what the provider counted for a part, if it tells of texts: with images the estimate is no
   * estimate, and of a few answers it is not known which requests they are of.
   */
  public void learn(Part part, Prompts counted, Instant now) {
    if (part.mediaTokens() > 0
        || counted.requests() * 2 < part.requests()
        || part.queue().length() > LONGEST_NAME) {
      return;
    }
    long estimated =
        Math.round(
            (double) part.textTokens()
                / part.requests()
                * Math.min(counted.requests(), part.requests()));
    if (estimated >= LEAST) {
      add(
          part.queue(),
          estimated,
          Math.clamp(counted.tokens(), estimated / FURTHEST, estimated * FURTHEST),
          now);
    }
  }

  private void add(String queue, long estimated, long counted, Instant now) {
    jdbc.sql(
            """
            INSERT INTO token_rate (queue, estimated, counted, learned_at)
              VALUES (:queue, :estimated, :counted, :now)
            ON CONFLICT (queue) DO UPDATE SET
              estimated = token_rate.estimated
                / CASE WHEN token_rate.estimated > :many THEN 2 ELSE 1 END + excluded.estimated,
              counted = token_rate.counted
                / CASE WHEN token_rate.estimated > :many THEN 2 ELSE 1 END + excluded.counted,
              learned_at = excluded.learned_at
            """)
        .param("queue", queue)
        .param("estimated", estimated)
        .param("counted", counted)
        .param("many", MANY)
        .param("now", now.toEpochMilli())
        .update();
    jdbc.sql(
            "DELETE FROM token_rate WHERE queue NOT IN"
                + " (SELECT queue FROM token_rate ORDER BY learned_at DESC LIMIT :queues)")
        .param("queues", QUEUES)
        .update();
  }
}
