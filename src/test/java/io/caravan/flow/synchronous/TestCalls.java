package io.caravan.flow.synchronous;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.call.Call;
import io.caravan.cost.PriceFile;
import io.caravan.provider.Providers;
import io.caravan.routes.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.FileSystemResource;

/** Synchronous calls with the shipped settings, short waits, and two prices. */
final class TestCalls implements AutoCloseable {
  static final String KEY = "sk-never-shown-0123456789";

  /** USD per token of the model gpt-4.1-nano, and for output. */
  static final BigDecimal INPUT = new BigDecimal("0.0001");

  static final BigDecimal OUTPUT = new BigDecimal("0.0004");

  private final Path folder;
  private final SynchronousCalls calls;

  TestCalls(Path folder, Map<String, String> settings) throws IOException {
    this(folder, settings, Clock.systemUTC());
  }

  TestCalls(Path folder, Map<String, String> settings, Clock clock) throws IOException {
    this.folder = folder;
    Path prices = folder.resolve("prices.json");
    Files.writeString(
        prices,
        """
        {"gpt-4.1-nano": {"input_cost_per_token": 1e-4, "output_cost_per_token": 4e-4},
         "claude-x": {"input_cost_per_token": 1e-4, "output_cost_per_token": 4e-4},
         "gemini-2.5-flash": {"input_cost_per_token": 1e-4, "output_cost_per_token": 4e-4}}
        """);
    Binder binder = binder(settings);
    calls =
        new SynchronousCalls(
            binder.bind("caravan", Providers.class).get(),
            binder.bind("caravan.synchronous", SynchronousProperties.class).get(),
            new PriceFile(prices),
            clock,
            new SimpleMeterRegistry());
  }

  private static Binder binder(Map<String, String> settings) throws IOException {
    var all = new HashMap<String, Object>(settings);
    all.putIfAbsent("caravan.synchronous.initial-backoff", "10ms");
    for (String provider : List.of("openai", "anthropic", "gemini", "azure")) {
      all.put("caravan.providers.%s.api-key".formatted(provider), KEY);
    }
    var environment = new StandardEnvironment();
    new YamlPropertySourceLoader()
        .load("shipped", new FileSystemResource("config/application.yaml"))
        .forEach(environment.getPropertySources()::addLast);
    environment.getPropertySources().addFirst(new MapPropertySource("test", all));
    return Binder.get(environment);
  }

  SynchronousCalls calls() {
    return calls;
  }

  /** An order without limits, for these lines. */
  SynchronousOrder order(Tier tier, String... lines) throws IOException {
    Path requests = folder.resolve("requests.jsonl");
    Files.writeString(requests, String.join("\n", lines) + "\n");
    return order(tier, requests);
  }

  SynchronousOrder order(Tier tier, Path requests) {
    return new SynchronousOrder(
        "openai", tier, requests, folder.resolve("answers.jsonl"), null, 3, SpendGate.UNLIMITED);
  }

  static SynchronousOrder to(String provider, SynchronousOrder order) {
    return new SynchronousOrder(
        provider,
        order.tier(),
        order.requests(),
        order.answers(),
        order.until(),
        order.maxAttempts(),
        order.gate());
  }

  static SynchronousOrder within(SpendGate gate, SynchronousOrder order) {
    return new SynchronousOrder(
        order.provider(),
        order.tier(),
        order.requests(),
        order.answers(),
        order.until(),
        order.maxAttempts(),
        gate);
  }

  SynchronousOutcome run(SynchronousOrder order) {
    return calls.run(order, new Call(true)).orTimeout(10, TimeUnit.MINUTES).join();
  }

  /** The lines of the answers' file. */
  List<JsonNode> answers() throws IOException {
    Path answers = folder.resolve("answers.jsonl");
    return Files.readString(answers, UTF_8).lines().map(Outcome::parse).toList();
  }

  /** The answer to that request. */
  JsonNode answer(String customId) throws IOException {
    return answers().stream()
        .filter(line -> line.path("custom_id").asText().equals(customId))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    calls.close();
  }
}
