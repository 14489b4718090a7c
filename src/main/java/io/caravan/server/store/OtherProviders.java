package io.caravan.server.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The providers to which the server can delegate batches instead of running them. Every method is
 * safe to repeat after a crash.
 */
public interface OtherProviders {
  /** The provider name of the server itself. */
  String LOCAL = "local";

  /** No other providers. */
  OtherProviders NONE = new NoOtherProviders();

  /** Names of the providers, without {@link #LOCAL}. */
  Set<String> names();

  /** Why the provider cannot accept batches now, such as a missing key; null if it can. */
  @Nullable String refusal(String provider);

  /**
   * Submits a batch once.
   *
   * @param client the client that owns it; null if it was created without a key
   * @return the id to use in the other methods
   */
  String submit(String provider, String batchId, @Nullable String client, Path input)
      throws IOException;

  /** Returns the progress of the batch. */
  Standing look(String id);

  /** Requests cancellation; requests answered by then keep their answers. */
  void cancel(String id);

  /** Copies the lines of an ended batch; those without a result go to {@code errors}. */
  void copy(String id, Path output, Path errors) throws IOException;

  /**
   * The progress of a batch at another provider.
   *
   * @param total number of requests; 0 until they are counted
   * @param completed requests with a result
   * @param failed requests without a result
   * @param ended whether each request has its line
   * @param problems why the whole batch was rejected; empty if it was not
   */
  record Standing(
      @Nullable String model,
      int total,
      int completed,
      int failed,
      long inputTokens,
      long outputTokens,
      boolean ended,
      List<String> problems) {}
}
