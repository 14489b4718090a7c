package io.caravan.server.store;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** No other providers: the server runs on its own. */
final class NoOtherProviders implements OtherProviders {
  @Override
  public Set<String> names() {
    return Set.of();
  }

  @Override
  public String refusal(String provider) {
    return "There is no provider '%s'.".formatted(provider);
  }

  @Override
  public String submit(String provider, String batchId, @Nullable String client, Path input) {
    throw gone();
  }

  @Override
  public Standing look(String id) {
    throw gone();
  }

  @Override
  public void cancel(String id) {
    throw gone();
  }

  @Override
  public void copy(String id, Path output, Path errors) {
    throw gone();
  }

  private static IllegalStateException gone() {
    return new IllegalStateException("the provider of the batch no longer exists");
  }
}
