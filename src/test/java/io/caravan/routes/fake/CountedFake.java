package io.caravan.routes.fake;

import io.caravan.routes.contract.ProviderContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A fake of hosts with OpenAI's Batch API, for a {@link ProviderContract}. */
public final class CountedFake implements ProviderFake {
  private static final Duration SOON = Duration.ofMillis(50);

  private final CountingProvider provider = new CountingProvider().withBatchesOf(SOON);
  private final AtomicInteger expiring = new AtomicInteger();
  private final String name;
  private final Map<String, String> address;

  private CountedFake(String name, String setting, String path) throws IOException {
    this.name = name;
    String url = provider.url();
    this.address = Map.of(setting, url.substring(0, url.length() - "/v1".length()) + path);
    provider
        .answering((customId, time) -> customId.equals("refuse me") ? 400 : 200)
        .ending(ids -> {
          int late = expiring.getAndSet(0);
          return late == 0 ? Ending.COMPLETED : Ending.expired(ids.size() - late);
        });
  }

  public static CountedFake openai() throws IOException {
    return of("openai", Host.OPENAI);
  }

  public static CountedFake together() throws IOException {
    return of("together", new TogetherHost());
  }

  public static CountedFake mistral() throws IOException {
    return of("mistral", new MistralHost());
  }

  /** A fake of the provider of that name, whose answers the host translates. */
  public static CountedFake of(String name, Host host) throws IOException {
    var fake = new CountedFake(name, "caravan.providers.%s.base-url".formatted(name), "/v1");
    fake.provider.as(host);
    return fake;
  }

  public static CountedFake azure() throws IOException {
    return new CountedFake("azure", "AZURE_OPENAI_ENDPOINT", "");
  }

  @Override
  public Map<String, String> settings() {
    var settings = new java.util.HashMap<>(address);
    settings.put("caravan.provider", name);
    return settings;
  }

  @Override
  public void next(Step step, Fault... faults) {
    switch (step) {
      case CREATE -> provider.onCreate(faults);
      case LIST -> provider.onListBatches(faults);
      case STATUS -> provider.onRetrieve(faults);
      case RESULTS -> provider.onContent(faults);
    }
  }

  @Override
  public void mend() {
    provider.forgetFaults();
  }

  @Override
  public void stall(boolean stalled) {
    provider.withBatchesOf(stalled ? Duration.ofHours(1) : SOON);
    if (!stalled) {
      provider.account().endAll();
    }
  }

  @Override
  public void expireNext(int requests) {
    expiring.set(requests);
  }

  @Override
  public void loseBatches() {
    provider.account().loseBatches();
  }

  @Override
  public long created(String text) {
    return provider.account().created(file -> has(file, text));
  }

  @Override
  public long stored(String text) {
    return provider.account().files(null).stream().filter(file -> has(file, text)).count();
  }

  private static boolean has(StoredFile file, String text) {
    return new String(file.content(), StandardCharsets.UTF_8).contains('"' + text + '"');
  }

  @Override
  public long cancels() {
    return provider.calls("cancel");
  }

  @Override
  public void close() throws IOException {
    provider.close();
  }
}
