package io.caravan.server.store;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keeps the answers of one batch where they outlive this server. */
public interface Journal {
  /** The folder of the batch outlives it already. */
  Journal NONE =
      new Journal() {
        @Override
        public void add(String customId, boolean succeeded, byte[] line) {}

        @Override
        public CompletableFuture<@Nullable Void> append(
            String customId, boolean succeeded, byte[] line) {
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public void sync() {}
      };

  /** Returns at once; the answer is kept when a later {@link #sync()} returns. */
  void add(String customId, boolean succeeded, byte[] line) throws IOException;

  /** Completes once the answer is kept, or with the reason why it is not. */
  CompletableFuture<@Nullable Void> append(String customId, boolean succeeded, byte[] line)
      throws IOException;

  /** Returns once everything added is kept. */
  void sync() throws IOException;
}
