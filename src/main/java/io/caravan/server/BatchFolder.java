package io.caravan.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where a batch keeps its state and, while it lives, its input and its results. */
record BatchFolder(Path path) {

  Path state() {
    return path.resolve("batch.json");
  }

  Path input() {
    return path.resolve("input.jsonl");
  }

  Path output() {
    return path.resolve("output.jsonl");
  }

  Path errors() {
    return path.resolve("errors.jsonl");
  }

  /** Drops what an ended batch no longer needs. */
  void clear() throws IOException {
    for (Path file : List.of(input(), output(), errors())) {
      Files.deleteIfExists(file);
    }
  }
}
