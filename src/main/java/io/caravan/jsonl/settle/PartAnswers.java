package io.caravan.jsonl.settle;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.RequestPositions;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.split.CustomIdIndex;
import io.caravan.jsonl.split.IdsInFile;
import io.caravan.jsonl.split.PartLines;
import io.caravan.jsonl.tokens.Prompts;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The answer state of each request of a part; requests are numbered from 0. */
final class PartAnswers implements Closeable {
  private static final byte TEMPORARY = 1;
  private static final byte UNREADABLE = 2;
  private static final byte FINAL = 3;
  private static final byte RESULT = 4;

  private final Path part;
  private final IdsInFile ids;
  private final RequestPositions places = new RequestPositions(); // offset of the id in the part
  private final CustomIdIndex index = new CustomIdIndex(this::customId, 0);
  private int requests;
  private byte[] states = new byte[0];
  private long strays;
  private boolean cutOff;
  private Prompts prompts = Prompts.NONE;

  private PartAnswers(Path part, IdsInFile ids) {
    this.part = part;
    this.ids = ids;
  }

  static PartAnswers open(Path part) throws IOException {
    return new PartAnswers(part, IdsInFile.open(part));
  }

  /** Reads the requests; call it once, before reading answers. */
  void readRequests() throws IOException {
    try (LineReader lines = PartLines.open(part)) {
      while (lines.next()) {
        readRequest(lines);
      }
    }
    states = new byte[requests];
  }

  void readAnswers(Path file) throws IOException {
    try (LineReader lines = new LineReader(Files.newInputStream(file), LineReader.LONGEST_ANSWER)) {
      while (lines.next()) {
        if (!lines.isBlank()) {
          readAnswer(lines);
        }
      }
    }
  }

  private void readAnswer(LineReader lines) throws IOException {
    AnswerLine answer = AnswerLine.read(lines);
    long request = answer == null ? CustomIdIndex.ABSENT : index.find(answer.customId());
    if (answer != null && request != CustomIdIndex.ABSENT) {
      byte state = state(answer);
      if (state == RESULT && states[(int) request] != RESULT && answer.usage().inputTokens() > 0) {
        prompts = prompts.plus(answer.usage().inputTokens());
      }
      states[(int) request] = (byte) Math.max(states[(int) request], state);
    } else {
      strays++;
    }
    cutOff |= !lines.isEnded() && (answer == null || answer.form() == AnswerLine.Form.UNREADABLE);
  }

  private static byte state(AnswerLine answer) {
    if (answer.form() == AnswerLine.Form.UNREADABLE) {
      return UNREADABLE;
    }
    return answer.success() ? RESULT : answer.retryable() ? TEMPORARY : FINAL;
  }

  /** The numbers of answers in the files read so far. */
  FoundAnswers found() {
    var counts = new long[RESULT + 1];
    for (byte state : states) {
      counts[state]++;
    }
    return new FoundAnswers(
        counts[RESULT], counts[TEMPORARY] + counts[FINAL], counts[UNREADABLE], strays, cutOff);
  }

  Prompts prompts() {
    return prompts;
  }

  /** Whether the request has a result, a permanent error or an unreadable answer. */
  boolean isFinal(int request) {
    return states[request] >= UNREADABLE;
  }

  boolean has(int request) {
    return states[request] != 0;
  }

  String customId(long request) throws IOException {
    return ids.at(places.first((int) request));
  }

  @Override
  public void close() throws IOException {
    ids.close();
  }

  /** Reads a line up to its custom_id; the line was validated before the part was written. */
  private void readRequest(LineReader lines) throws IOException {
    try (JsonParser json = StrictJson.parser(lines.buffer(), lines.start(), (int) lines.length())) {
      json.nextToken();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken() == JsonToken.VALUE_STRING && name.equals("custom_id")) {
          long at = lines.offset() + json.currentTokenLocation().getByteOffset();
          places.set(requests, at, 0);
          index.add(json.getText(), requests);
          requests++;
          return;
        }
        json.skipChildren();
      }
    }
    throw new IOException("%s line %s is not a request.".formatted(part, lines.number()));
  }
}
