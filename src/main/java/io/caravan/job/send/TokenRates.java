package io.caravan.job.send;

import io.caravan.job.Part;
import io.caravan.jsonl.tokens.Prompts;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The ratio of counted to estimated text tokens for each queue (provider and model), learned from
 * the token counts in the provider's answers.
 */
public final class TokenRates {
  /** Counts are limited to a factor of four from the estimate. */
  private static final int FURTHEST = 4;

  /** Smaller estimates are ignored: the message overhead outweighs the text. */
  private static final long LEAST = 100;

  /** The weight of the initial ratio 1, in tokens. */
  private static final double PRIOR = 1_000;

  /**
   * Above this many tokens the learned sums are halved, so that the ratio adapts to a new
   * tokenizer.
   */
  private static final long MANY = 10_000_000;

  /** The maximum number of queues stored. */
  private static final int QUEUES = 1_000;

  private static final int LONGEST_NAME = 300;

  private final JdbcClient jdbc;

  public TokenRates(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The ratio, from a quarter to four; 1 before anything is learned. */
  public double of(String queue) {
    return jdbc.sql("SELECT estimated, counted FROM token_rate WHERE queue = :queue")
        .param("queue", queue)
        .query(
            (row, number) -> (row.getLong("counted") + PRIOR) / (row.getLong("estimated") + PRIOR))
        .optional()
        .orElse(1.0);
  }

  /**
   * Adds the tokens that the provider counted for a part. Parts with images are ignored, since
   * their estimate says nothing about text, and so are parts with answers to less than half of the
   * requests, since it is unknown to which requests they belong.
   */
  public void learn(Part part, Prompts counted, Instant now) {
    if (part.size().mediaTokens() > 0
        || counted.requests() * 2 < part.size().requests()
        || part.queue().length() > LONGEST_NAME) {
      return;
    }
    long estimated =
        Math.round(
            (double) part.size().textTokens()
                / part.size().requests()
                * Math.min(counted.requests(), part.size().requests()));
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
