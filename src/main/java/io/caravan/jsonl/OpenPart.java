package io.caravan.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A part that still takes requests. */
final class OpenPart implements Closeable {
  /** Many parts may be open at once, so each has little. */
  private static final int BUFFER = 1 << 14;

  private final int number;
  private final RequestLine.Kind kind;
  private final Path file;
  private final WholeFile out;
  private final long maxBytes;
  private int requests;
  private long embeddingInputs;

  OpenPart(int number, RequestLine.Kind kind, Path directory, PartLimits limits)
      throws IOException {
    this.number = number;
    this.kind = kind;
    this.file = directory.resolve("part-%s.jsonl".formatted(number));
    this.out = new WholeFile(file, BUFFER);
    this.maxBytes =
        Math.min(limits.maxBytes(), Tokens.toBytes(limits.maxTokens().applyAsLong(kind.model())));
  }

  int number() {
    return number;
  }

  boolean hasRoomFor(RequestLine request, PartLimits limits) {
    return requests < limits.maxRequests()
        && embeddingInputs + request.embeddingInputs() <= limits.maxEmbeddingInputs()
        && out.bytes() + request.length() + 1 <= maxBytes;
  }

  void add(RequestLine request, ByteBuffer line) throws IOException {
    out.writeLine(line);
    requests++;
    embeddingInputs += request.embeddingInputs();
  }

  /** Keeps no file open until more is written than the buffer holds. */
  void suspend() throws IOException {
    out.suspend();
  }

  PartFile finish() throws IOException {
    out.commit();
    return new PartFile(number, file, kind.endpoint(), kind.model(), requests, out.bytes());
  }

  /** Drops the part unless it was finished. */
  @Override
  public void close() throws IOException {
    out.close();
  }
}
