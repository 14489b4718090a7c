package io.caravan.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PricesTest {
  @Test
  void halvesListPriceUnlessRowHasBatchPrice(@TempDir Path folder) throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("prices.json"),
            """
            {"a": {"input_cost_per_token": 0.2, "output_cost_per_token": 0.4},
             "b": {"input_cost_per_token": 0.2, "output_cost_per_token": 0.4, "input_cost_per_token_batches": 0.05}}
            """);
    Prices prices = Prices.read(table);

    assertThat(prices.of("a").orElseThrow().synchronous(10, 5)).isCloseTo(4, within(1e-9));
    assertThat(prices.of("a").orElseThrow().batch(10, 5)).isCloseTo(2, within(1e-9));
    assertThat(prices.of("b").orElseThrow().batch(10, 5)).isCloseTo(1.5, within(1e-9));
    assertThat(prices.of("c")).isEmpty();
  }

  @Test
  void includesBuiltInPrices() throws IOException {
    Prices prices = Prices.read(Path.of("no such file"));

    assertThat(prices.of("gpt-4.1-mini")).isPresent();
    assertThat(prices.of("gemini-2.5-flash")).isPresent();
  }
}
