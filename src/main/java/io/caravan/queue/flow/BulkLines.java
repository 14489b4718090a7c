package io.caravan.queue.flow;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueProblem;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The requests of a bulk call, one after the other: the elements of a JSON array, or lines. */
abstract sealed class BulkLines implements Closeable {
  private final Limits limits;
  private long requests;
  private boolean ended;

  /**
   * The limits of a call.
   *
   * @param bytes of one request
   */
  record Limits(long bytes, long requests) {}

  BulkLines(Limits limits) {
    this.limits = limits;
  }

  static BulkLines of(InputStream in, Limits limits) throws IOException {
    var buffered = new BufferedInputStream(in, 1 << 16);
    buffered.mark(1 << 15);
    int first = buffered.read();
    for (int i = 0; i < (1 << 14) && Character.isWhitespace(first); i++) {
      first = buffered.read();
    }
    buffered.reset();
    return first == '[' ? new Elements(buffered, limits) : new Lines(buffered, limits);
  }

  /** Advances to the next request; false at the end. */
  boolean next() throws IOException {
    ended = ended || !advance();
    if (ended) {
      return false;
    }
    if (++requests > limits.requests()) {
      throw QueueProblem.of(
          413,
          "too_many_requests",
          "The call has more than the maximum of %d requests (caravan.queue.max-bulk-requests). Send them in several calls."
              .formatted(limits.requests()));
    }
    return true;
  }

  abstract boolean advance() throws IOException;

  /** The number of the line or element, from 1. */
  abstract long number();

  /** The present request; fails with a problem if it is none. */
  abstract ObjectNode request() throws IOException;

  private static ObjectNode object(JsonNode node) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw QueueProblem.invalid("invalid_type", "It is not a JSON object.", null);
  }

  private static QueueProblem broken(JsonProcessingException e) {
    return QueueProblem.invalid(
        "invalid_json", "It is not valid JSON: %s.".formatted(e.getOriginalMessage()), null);
  }

  private static final class Lines extends BulkLines {
    private final LineReader lines;

    Lines(InputStream in, Limits limits) {
      super(limits);
      this.lines = new LineReader(in, Math.toIntExact(limits.bytes()));
    }

    @Override
    boolean advance() throws IOException {
      boolean found = lines.next();
      while (found && lines.isBlank()) {
        found = lines.next();
      }
      return found;
    }

    @Override
    long number() {
      return lines.number();
    }

    @Override
    ObjectNode request() throws IOException {
      if (lines.isTooLong()) {
        throw QueueProblem.invalid(
            "request_too_large",
            "It has %d bytes, more than the maximum (caravan.queue.max-request-size)."
                .formatted(lines.length()),
            null);
      }
      try {
        return object(
            StrictJson.MAPPER.readTree(lines.buffer(), lines.start(), (int) lines.length()));
      } catch (JsonProcessingException e) {
        throw broken(e);
      }
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  private static final class Elements extends BulkLines {
    private final Limited in;
    private final JsonParser parser;
    private long number;

    Elements(InputStream whole, Limits limits) throws IOException {
      super(limits);
      this.in = new Limited(whole, limits.bytes());
      this.parser = StrictJson.MAPPER.getFactory().createParser(in);
      parser.nextToken();
    }

    @Override
    boolean advance() throws IOException {
      try {
        number++;
        in.allowNext();
        JsonToken token = parser.nextToken();
        if (token == null) {
          throw cutOff();
        }
        return token != JsonToken.END_ARRAY;
      } catch (JsonProcessingException e) {
        throw unreadable(e);
      }
    }

    @Override
    long number() {
      return number;
    }

    @Override
    ObjectNode request() throws IOException {
      try {
        return object(StrictJson.MAPPER.readTree(parser));
      } catch (JsonProcessingException e) {
        throw unreadable(e);
      }
    }

    private static QueueProblem cutOff() {
      return QueueProblem.invalid(
          "invalid_json", "Nothing was queued: the array has no end. Send the whole body.", null);
    }

    /** What follows cannot be read either, so nothing of the call is accepted. */
    private IllegalStateException unreadable(JsonProcessingException e) {
      throw QueueProblem.invalid(
          "invalid_json",
          "Nothing was queued: the array is not valid JSON at element %d: %s."
              .formatted(number, e.getOriginalMessage()),
          null);
    }

    @Override
    public void close() throws IOException {
      parser.close();
    }
  }

  /** A stream in which each element has a limit; a parser reads some bytes ahead. */
  private static final class Limited extends FilterInputStream {
    private static final int AHEAD = 1 << 16;

    private final long most;
    private long allowed;

    Limited(InputStream in, long most) {
      super(in);
      this.most = most;
      allowNext();
    }

    void allowNext() {
      allowed = most + AHEAD;
    }

    @Override
    public int read() throws IOException {
      count(1);
      return super.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      count(read);
      return read;
    }

    private void count(int read) {
      allowed -= read;
      if (allowed < 0) {
        throw QueueProblem.of(
            413,
            "request_too_large",
            "Nothing was queued: an element of the array has more than the maximum of %d bytes (caravan.queue.max-request-size)."
                .formatted(most));
      }
    }
  }
}
