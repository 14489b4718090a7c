package io.caravan.jsonl.split;

import io.caravan.jsonl.LineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the file of a part: none of its lines is blank, and all were short enough once. */
public final class PartLines {
  private PartLines() {}

  public static LineReader open(Path part) throws IOException {
    return new LineReader(Files.newInputStream(part), Integer.MAX_VALUE);
  }
}
