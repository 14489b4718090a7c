package io.caravan.server.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The providers that batches can be handed to instead of being run here. Each of these can be
 * repeated after a crash.
 */
public interface OtherProviders {
  /** What the server calls itself among the providers. */
  String LOCAL = "local";

  /** There are none. */
  OtherProviders NONE = new NoOtherProviders();

  /** Their names, without {@link #LOCAL}. */
  Set<String> names();

  /** Why nothing can be handed to that one now, such as a missing key; null when it can. */
  @Nullable String refusal(String provider);

  /**
   * Hands a batch over, once.
   *
   * @param client the client that owns it; null when it came without a key
   * @return by what it is known there
   */
  String submit(String provider, String batchId, @Nullable String client, Path input)
      throws IOException;

  /** How far it is there. */
  Standing look(String id);

  /** Wants it to end; what has an answer by then keeps it. */
  void cancel(String id);

  /** Copies the lines of all requests once it has ended there, those with results apart. */
  void copy(String id, Path output, Path errors) throws IOException;

  /**
   * How far a batch is at another provider.
   *
   * @param total its requests, 0 until they are counted
   * @param completed those with a result
   * @param failed those without
   * @param ended each request has its line
   * @param problems why all of it was refused; none when it was not
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
