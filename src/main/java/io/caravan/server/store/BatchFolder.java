package io.caravan.server.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where a batch keeps its state and, while it lives, its input and its results. */
public record BatchFolder(Path path) {

  public Path state() {
    return path.resolve("batch.json");
  }

  public Path input() {
    return path.resolve("input.jsonl");
  }

  public Path output() {
    return path.resolve("output.jsonl");
  }

  public Path errors() {
    return path.resolve("errors.jsonl");
  }

  /** Drops what an ended batch no longer needs. */
  public void clear() throws IOException {
    for (Path file : List.of(input(), output(), errors())) {
      Files.deleteIfExists(file);
    }
  }
}
