package io.caravan.cost;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The price table of a file. It is read again when the file changes; a broken file is not used. */
public final class PriceFile {
  private final Path file;
  private Prices prices;
  private String version;
  private Optional<String> problem = Optional.empty();

  /** Reads the table, or the built-in table if the file does not exist. */
  public PriceFile(Path file) throws IOException {
    this.file = file;
    version = version();
    prices = Prices.read(file);
  }

  /** The table in the last form that could be read. */
  public synchronized Prices prices() {
    String now = version();
    if (!now.equals(version)) {
      version = now;
      try {
        prices = Prices.read(file);
        problem = Optional.empty();
      } catch (JsonProcessingException e) {
        problem =
            Optional.of(
                "line %d: %s. Correct the JSON."
                    .formatted(e.getLocation().getLineNr(), e.getOriginalMessage()));
      } catch (IOException e) {
        problem = Optional.of(e + ". Make it readable.");
      }
    }
    return prices;
  }

  /** Why the present form of the file is not used; empty if it is. */
  public synchronized Optional<String> problem() {
    prices();
    return problem;
  }

  /** The file that is read. */
  public Path file() {
    return file;
  }

  private String version() {
    try {
      return Files.exists(file)
          ? Files.getLastModifiedTime(file) + " " + Files.size(file) + " " + file.toRealPath()
          : "";
    } catch (IOException e) {
      return e.toString();
    }
  }
}
