package io.caravan.flow.late;

import io.caravan.cost.PriceFile;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipelines;
import io.caravan.flow.Templates;
import io.caravan.flow.synchronous.SynchronousCalls;
import io.caravan.flow.synchronous.SynchronousProperties;
import io.caravan.provider.Providers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.springframework.core.env.StandardEnvironment;

/** A ladder for tests without pipelines: nothing falls back. */
public final class NoFallback {
  private NoFallback() {}

  public static FallbackLadder ladder() {
    var providers = new Providers(Map.of());
    var clock = Clock.systemUTC();
    Path prices = Path.of("config/model-prices.json");
    var templates =
        new Templates(
            new FlowProperties.Requests(Path.of("config/templates"), prices, List.of()),
            new StandardEnvironment());
    Duration second = Duration.ofSeconds(1);
    var settings =
        new SynchronousProperties(
            1, 1, 2, second, second, second, 1, second, second, second, 1_000);
    try {
      return new FallbackLadder(
          new Pipelines(new DefaultCamelContext(), providers, templates, clock, ZoneOffset.UTC),
          providers,
          new SynchronousCalls(
              providers, settings, new PriceFile(prices), clock, new SimpleMeterRegistry()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
