package io.caravan.server.store.answers;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Stores the answers of one batch so that they survive the loss of this server. */
public interface Journal {
  /** Stores nothing: the folder of the batch survives anyway. */
  Journal NONE =
      new Journal() {
        @Override
        public void add(boolean succeeded, byte[] line) {}

        @Override
        public CompletableFuture<@Nullable Void> append(boolean succeeded, byte[] line) {
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public void sync() {}
      };

  /** Adds an answer without waiting; it is stored once a later {@link #sync()} returns. */
  void add(boolean succeeded, byte[] line) throws IOException;

  /** Adds an answer; the future completes once it is stored, or with the reason why it is not. */
  CompletableFuture<@Nullable Void> append(boolean succeeded, byte[] line) throws IOException;

  /** Waits until all added answers are stored. */
  void sync() throws IOException;
}
