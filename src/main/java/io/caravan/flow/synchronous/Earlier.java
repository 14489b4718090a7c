package io.caravan.flow.synchronous;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.RequestPositions;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.settle.AnswerLine;
import io.caravan.jsonl.split.CustomIdIndex;
import io.caravan.jsonl.split.IdsInFile;
import io.caravan.jsonl.split.PartLines;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The answers that earlier processes have kept.
 *
 * @param done the numbers of the lines that are answered or refused
 * @param answered how many have a result
 */
record Earlier(BitSet done, long answered) {
  /** Reads the answers, and notes those in the journal that it lacks. */
  static Earlier read(SynchronousOrder order, CallJournal journal, Charges charges)
      throws IOException {
    var reading = new Reading(journal, charges);
    if (Files.size(order.answers()) > 0) {
      try (IdsInFile ids = IdsInFile.open(order.requests())) {
        reading.read(order, ids);
      }
    }
    journal.closeKilled(reading.done);
    return new Earlier(reading.done, reading.answered);
  }

  long refused() {
    return done.cardinality() - answered;
  }

  private static final class Reading {
    private final CallJournal journal;
    private final Charges charges;
    private final BitSet done = new BitSet();
    private long answered;

    Reading(CallJournal journal, Charges charges) {
      this.journal = journal;
      this.charges = charges;
    }

    void read(SynchronousOrder order, IdsInFile ids) throws IOException {
      CustomIdIndex index = index(order.requests(), ids);
      try (LineReader lines =
          new LineReader(Files.newInputStream(order.answers()), LineReader.LONGEST_ANSWER)) {
        while (lines.next()) {
          AnswerLine answer = AnswerLine.read(lines);
          long request = answer == null ? CustomIdIndex.ABSENT : index.find(answer.customId());
          if (answer != null && request != CustomIdIndex.ABSENT && !done.get((int) request)) {
            done.set((int) request);
            answered += answer.success() ? 1 : 0;
            count((int) request, answer.success(), lines);
          }
        }
      }
    }

    private void count(int request, boolean success, LineReader lines) throws IOException {
      if (journal.isCounted(request)) {
        return;
      }
      if (!success) {
        journal.count(request, BigDecimal.ZERO);
        return;
      }
      int length = (int) lines.length();
      AnswerFacts facts = AnswerFacts.ofLine(lines.buffer(), lines.start(), length);
      CallJournal.Begun begun = journal.inFlight(request);
      String model =
          begun == null ? AnswerFacts.model(lines.buffer(), lines.start(), length) : begun.model();
      BigDecimal otherwise = begun == null ? BigDecimal.ZERO : begun.most();
      journal.count(
          request, charges.actual(model == null ? "" : model, facts, otherwise).orElse(null));
    }

    /** Line numbers by custom_id. */
    private static CustomIdIndex index(Path requests, IdsInFile ids) throws IOException {
      var places = new RequestPositions(); // offset of the id
      var index = new CustomIdIndex(request -> ids.at(places.first((int) request)), 0);
      try (LineReader lines = PartLines.open(requests)) {
        while (lines.next()) {
          Id id = id(lines);
          if (id != null) {
            int request = (int) lines.number();
            places.set(request, id.offset, 0);
            var unused = index.add(id.text, request);
          }
        }
      }
      return index;
    }

    private record Id(String text, long offset) {}

    private static @Nullable Id id(LineReader lines) throws IOException {
      try (JsonParser json =
          StrictJson.parser(lines.buffer(), lines.start(), (int) lines.length())) {
        json.nextToken();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
          if (json.nextToken() == JsonToken.VALUE_STRING && name.equals("custom_id")) {
            long at = lines.offset() + json.currentTokenLocation().getByteOffset();
            return new Id(json.getText(), at);
          }
          json.skipChildren();
        }
        return null;
      }
    }
  }
}
