package io.caravan.cost;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The price table.
 *
 * @param models prices by LiteLLM's model names
 */
public record Prices(Map<String, Price> models) {
  /** Reads the table from a file, or the built-in table if the file does not exist. */
  public static Prices read(Path file) throws IOException {
    try (InputStream in = Files.exists(file) ? Files.newInputStream(file) : shipped()) {
      return new Prices(new JsonMapper().readValue(in, new TypeReference<Map<String, Price>>() {}));
    }
  }

  private static InputStream shipped() {
    return Objects.requireNonNull(
        Prices.class.getResourceAsStream("/model-prices.json"), "the shipped prices");
  }

  /** The price of a model; empty if it is unknown, which does not mean that it is free. */
  public Optional<Price> of(String model) {
    return Optional.ofNullable(models.get(model))
        .or(() -> Optional.ofNullable(models.get("gemini/" + model)));
  }
}
