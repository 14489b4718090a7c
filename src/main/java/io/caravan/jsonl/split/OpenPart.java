package io.caravan.jsonl.split;

import io.caravan.jsonl.WholeFile;
import io.caravan.jsonl.tokens.SampledTokens;
import io.caravan.jsonl.tokens.Tokens;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A part that is being written. */
final class OpenPart implements Closeable {
  /** Small, because many parts may be open at once. */
  private static final int BUFFER = 1 << 14;

  private final int number;
  private final RequestLine.Kind kind;
  private final Path file;
  private final WholeFile out;
  private final SampledTokens estimate;
  private final long maxTokens;
  private int requests;
  private long embeddingInputs;
  private Tokens tokens = Tokens.NONE;

  OpenPart(
      int number, RequestLine.Kind kind, Path directory, PartLimits limits, SampledTokens estimate)
      throws IOException {
    this.number = number;
    this.kind = kind;
    this.file = directory.resolve("part-%s.jsonl".formatted(number));
    this.out = new WholeFile(file, BUFFER);
    this.estimate = estimate;
    this.maxTokens = limits.maxTokens().applyAsLong(kind.model());
  }

  int number() {
    return number;
  }

  /** The token estimator, shared by all parts of its kind: it learns from each line. */
  SampledTokens estimate() {
    return estimate;
  }

  boolean hasRoomFor(RequestLine request, Tokens more, PartLimits limits) {
    return requests < limits.maxRequests()
        && embeddingInputs + request.embeddingInputs() <= limits.maxEmbeddingInputs()
        && out.bytes() + request.length() + 1 <= limits.maxBytes()
        && tokens.plus(more).at(1) <= maxTokens;
  }

  void add(RequestLine request, Tokens more, ByteBuffer line) throws IOException {
    out.writeLine(line);
    requests++;
    embeddingInputs += request.embeddingInputs();
    tokens = tokens.plus(more);
  }

  /** Closes the file until the buffer is full. */
  void suspend() throws IOException {
    out.suspend();
  }

  PartFile finish() throws IOException {
    out.commit();
    return new PartFile(number, file, kind.endpoint(), kind.model(), requests, out.bytes(), tokens);
  }

  /** Deletes the part unless it was finished. */
  @Override
  public void close() throws IOException {
    out.close();
  }
}
