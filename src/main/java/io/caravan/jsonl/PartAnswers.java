package io.caravan.jsonl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How far each request of a part has come; a request is known by its place, the first is 0. */
final class PartAnswers implements Closeable {
  private static final byte MAY_PASS = 1;
  private static final byte FINAL = 2;

  private final Path part;
  private final SeenIds ids;
  private byte[] states = new byte[0];

  private PartAnswers(Path part, SeenIds ids) {
    this.part = part;
    this.ids = ids;
  }

  static PartAnswers open(Path part) throws IOException {
    return new PartAnswers(part, SeenIds.open(part, KeyedHash.random()));
  }

  /** Reads the requests; called once, before the answers. */
  void readRequests() throws IOException {
    try (LineReader lines = PartLines.open(part)) {
      while (lines.next()) {
        readRequest(lines);
      }
    }
    states = new byte[ids.count()];
  }

  void readAnswers(Path file) throws IOException {
    try (LineReader lines = new LineReader(Files.newInputStream(file), Answer.MAX_LINE)) {
      while (lines.next()) {
        Answer answer = Answer.read(lines);
        int request = answer == null ? CustomIdIndex.ABSENT : ids.find(answer.customId());
        if (answer != null && request != CustomIdIndex.ABSENT) {
          byte state = answer.retryable() ? MAY_PASS : FINAL;
          states[request] = (byte) Math.max(states[request], state);
        }
      }
    }
  }

  /** Whether the request has a success or an error that would come again. */
  boolean isFinal(int request) {
    return states[request] == FINAL;
  }

  boolean has(int request) {
    return states[request] != 0;
  }

  String customId(int request) throws IOException {
    return ids.read(request);
  }

  @Override
  public void close() throws IOException {
    ids.close();
  }

  /** The lines kept to the rules when the part was written, so nothing behind the id is read. */
  private void readRequest(LineReader lines) throws IOException {
    try (JsonParser json = Strict.parser(lines.buffer(), lines.start(), (int) lines.length())) {
      json.nextToken();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken() == JsonToken.VALUE_STRING && name.equals("custom_id")) {
          long at = lines.offset() + json.currentTokenLocation().getByteOffset();
          ids.add(json.getText(), at, lines.number());
          return;
        }
        json.skipChildren();
      }
    }
    throw new IOException("%s line %s is no request.".formatted(part, lines.number()));
  }
}
