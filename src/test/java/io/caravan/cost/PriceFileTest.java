package io.caravan.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PriceFileTest {
  private static final String ONE = "{\"one\": {}}";
  private static final String TWO = "{\"one\": {}, \"two\": {}}";

  @TempDir private Path folder;

  @Test
  void usesChangesAndKeepsTheLastGoodForm() throws IOException {
    Path file = Files.writeString(folder.resolve("prices.json"), ONE);
    var prices = new PriceFile(file);
    assertThat(prices.prices().models()).containsOnlyKeys("one");

    Files.writeString(file, "{\"one\": {},\n\"two\"}");
    assertThat(prices.prices().models()).containsOnlyKeys("one");
    assertThat(prices.problem())
        .get()
        .asString()
        .startsWith("line 2: ")
        .endsWith("Correct the JSON.");

    Files.writeString(file, TWO);
    assertThat(prices.prices().models()).containsOnlyKeys("one", "two");
    assertThat(prices.problem()).isEmpty();
  }

  @Test
  void usesTheBuiltInTableUntilThereIsAFile() throws IOException {
    var prices = new PriceFile(folder.resolve("prices.json"));
    assertThat(prices.prices().models()).hasSizeGreaterThan(10);

    Files.writeString(prices.file(), ONE);
    assertThat(prices.prices().models()).containsOnlyKeys("one");
  }
}
