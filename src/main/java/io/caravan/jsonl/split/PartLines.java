package io.caravan.jsonl.split;

import io.caravan.jsonl.LineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the file of a part; its lines are not blank and their length was checked before. */
public final class PartLines {
  private PartLines() {}

  public static LineReader open(Path part) throws IOException {
    return new LineReader(Files.newInputStream(part), Integer.MAX_VALUE);
  }
}
