package io.caravan.job.send;

import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.jsonl.tokens.Tokens;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The limits of provider queues in prompt tokens, as learned from the provider, and how many of our
 * tokens and batches are queued.
 */
public final class QueueLimits {
  private static final List<String> IN_FLIGHT =
      Stream.of(PartStatus.CREATING, PartStatus.SUBMITTED).map(Enum::name).toList();

  /** Parts that have a batch, or are about to. */
  static final List<String> UNDER_WAY =
      Stream.of(PartStatus.UPLOADING, PartStatus.CREATING, PartStatus.SUBMITTED)
          .map(Enum::name)
          .toList();

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  public QueueLimits(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /**
   * Runs work under an exclusive lock for a queue or a provider, across all replicas. To avoid
   * deadlocks, lock a provider before its queues.
   */
  public <T> T alone(String queue, Supplier<T> work) {
    return transactions.execute(tx -> {
      jdbc.sql(
              "INSERT INTO queue_limit (queue, tokens, learned_at) VALUES (:queue, 0, 0)"
                  + " ON CONFLICT (queue) DO NOTHING")
          .param("queue", queue)
          .update();
      jdbc.sql("UPDATE queue_limit SET tokens = tokens WHERE queue = :queue")
          .param("queue", queue)
          .update(); // locks the row until the transaction ends
      return work.get();
    });
  }

  /** The limit in tokens, if it was learned since then. */
  public OptionalLong limit(String queue, Instant since) {
    return jdbc.sql("SELECT tokens FROM queue_limit WHERE queue = :queue AND learned_at > :since")
        .param("queue", queue)
        .param("since", since.toEpochMilli())
        .query(Long.class)
        .optional()
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  /** The limits in tokens by model that were learned since then. */
  public Map<String, Long> limits(String provider, Instant since) {
    String beginning = provider + "/";
    var limits = new TreeMap<String, Long>();
    jdbc.sql("SELECT queue, tokens FROM queue_limit WHERE learned_at > :since")
        .param("since", since.toEpochMilli())
        .query(row -> {
          String queue = row.getString("queue");
          if (queue.startsWith(beginning)) {
            limits.put(queue.substring(beginning.length()), row.getLong("tokens"));
          }
        });
    return limits;
  }

  /** Stores the limit that the provider reported last. */
  public void learn(String queue, long tokens, Instant now) {
    jdbc.sql(
            "INSERT INTO queue_limit (queue, tokens, learned_at) VALUES (:queue, :tokens, :now)"
                + " ON CONFLICT (queue) DO UPDATE SET tokens = excluded.tokens,"
                + " learned_at = excluded.learned_at")
        .param("queue", queue)
        .param("tokens", tokens)
        .param("now", now.toEpochMilli())
        .update();
  }

  /** Estimated tokens of all other parts in the same queue whose batches are at the provider. */
  public Tokens inFlight(Part part) {
    return inFlight(part.provider(), part.model(), part.id());
  }

  /** Estimated tokens of all parts in a queue whose batches are at the provider. */
  public Tokens inFlight(String provider, String model) {
    return inFlight(provider, model, "");
  }

  private Tokens inFlight(String provider, String model, String without) {
    return jdbc.sql(
            "SELECT COALESCE(SUM(text_tokens), 0) AS text, COALESCE(SUM(media_tokens), 0) AS media"
                + " FROM part WHERE provider = :provider AND model = :model"
                + " AND status IN (:statuses) AND id <> :id")
        .param("provider", provider)
        .param("model", model)
        .param("statuses", IN_FLIGHT)
        .param("id", without)
        .query((row, number) -> new Tokens(row.getLong("text"), row.getLong("media")))
        .single();
  }

  /** The number of parts of a provider that have sent nothing yet. */
  public long unsent(String provider) {
    return jdbc.sql("SELECT COUNT(*) FROM part WHERE provider = :provider AND status = 'PLANNED'")
        .param("provider", provider)
        .query(Long.class)
        .single();
  }

  /**
   * The number of other parts that have a batch at the provider or are being submitted; uploaded
   * parts with a setback, such as a full queue, do not count.
   */
  public long batches(Part part) {
    return jdbc.sql(
            "SELECT (SELECT COUNT(*) FROM part WHERE provider = :provider AND status IN (:statuses)"
                + " AND id <> :id) + (SELECT COUNT(*) FROM part WHERE provider = :provider"
                + " AND status = 'UPLOADED' AND setback IS NULL AND id <> :id)")
        .param("provider", part.provider())
        .param("statuses", UNDER_WAY)
        .param("id", part.id())
        .query(Long.class)
        .single();
  }
}
