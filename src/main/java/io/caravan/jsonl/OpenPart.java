package io.caravan.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A part that still takes requests. */
final class OpenPart implements Closeable {
  /** What all requests of a part share. */
  record Key(String endpoint, String model) {}

  private final int number;
  private final Key key;
  private final Path file;
  private final WholeFile out;
  private int requests;

  OpenPart(int number, Key key, Path directory) throws IOException {
    this.number = number;
    this.key = key;
    this.file = directory.resolve("part-%s.jsonl".formatted(number));
    this.out = new WholeFile(file);
  }

  int number() {
    return number;
  }

  boolean hasRoomFor(int bytes, PartLimits limits) {
    return requests < limits.maxRequests() && out.bytes() + bytes + 1 <= limits.maxBytes();
  }

  void add(ByteBuffer line) throws IOException {
    out.writeLine(line);
    requests++;
  }

  PartFile finish() throws IOException {
    out.commit();
    return new PartFile(number, file, key.endpoint(), key.model(), requests, out.bytes());
  }

  /** Drops the part unless it was finished. */
  @Override
  public void close() throws IOException {
    out.close();
  }
}
