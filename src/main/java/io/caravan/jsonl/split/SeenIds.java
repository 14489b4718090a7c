package io.caravan.jsonl.split;

import io.caravan.jsonl.LineNumbers;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** The custom_ids of a file so far, each with the line where it first appeared. */
final class SeenIds implements Closeable {
  static final long NEVER = 0;

  private final IdsInFile file;
  private final CustomIdIndex index; // of offsets in the file
  private final LineNumbers lines;

  private SeenIds(IdsInFile file, LineNumbers lines, CustomIdIndex.Hash hash) {
    this.file = file;
    this.lines = lines;
    this.index = new CustomIdIndex(file::at, 0, hash);
  }

  static SeenIds open(Path file, CustomIdIndex.Hash hash) throws IOException {
    LineNumbers lines = LineNumbers.open(file);
    try {
      return new SeenIds(IdsInFile.open(file), lines, hash);
    } catch (IOException e) {
      lines.close();
      throw e;
    }
  }

  /**
   * Records an id; returns the line where it appeared before, or {@link #NEVER}.
   *
   * @param offset of the id in the file, increasing with each call
   */
  long add(String id, long offset, long line) throws IOException {
    lines.note(offset, line);
    long earlier = index.add(id, offset);
    return earlier == CustomIdIndex.ABSENT ? NEVER : lines.at(earlier);
  }

  @Override
  public void close() throws IOException {
    try (lines) {
      file.close();
    }
  }
}
