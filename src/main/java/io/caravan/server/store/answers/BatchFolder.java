package io.caravan.server.store.answers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The folder of a batch: its state and, until it ends, its input and results. */
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

  /** Deletes the input and results, which an ended batch no longer needs. */
  public void clear() throws IOException {
    for (Path file : List.of(input(), output(), errors())) {
      Files.deleteIfExists(file);
    }
  }
}
