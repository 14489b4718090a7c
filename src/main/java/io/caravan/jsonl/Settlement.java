package io.caravan.jsonl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Gives every request of a job its one line in the results or in the errors, in input order.
 *
 * @param split the folder that {@link Splitter} wrote; neither the input nor the parts are read
 * @param name what the user calls the input file
 * @param answers output and error files of all batches; when a custom_id was answered twice a
 *     success wins, else the first in this order
 * @param unanswered asked for requests that no answer names
 */
public record Settlement(Path split, String name, List<Path> answers, Unanswered unanswered) {
  private static final int MAX_ERROR_LINE = 1 << 20;

  public Settlement {
    answers = List.copyOf(answers);
  }

  /** Writes both files, also when one is empty; the same answers give the same bytes again. */
  public Settled settle(Path results, Path errors) throws IOException {
    try (RequestIndex index = RequestIndex.open(split.resolve(Split.INDEX));
        Answers found = new Answers(answers, customIds(index));
        LineReader refused =
            new LineReader(Files.newInputStream(split.resolve(Split.REFUSED)), MAX_ERROR_LINE);
        WholeFile resultLines = new WholeFile(results);
        WholeFile errorLines = new WholeFile(errors)) {
      Writing writing = new Writing(this, found, refused, resultLines, errorLines);
      found.collect();
      index.forEach(writing);
      resultLines.commit();
      errorLines.commit();
      return found.settled(index.count(), writing.written);
    }
  }

  private static CustomIdIndex customIds(RequestIndex index) throws IOException {
    CustomIdIndex ids = new CustomIdIndex(index::customId, index.count());
    index.forEach((request, entry) -> {
      if (entry.part() > 0) {
        ids.add(entry.customId(), request);
      }
    });
    return ids;
  }

  /** Walks the requests in input order. */
  private static final class Writing implements RequestIndex.Visitor {
    private final Settlement settlement;
    private final Answers answers;
    private final LineReader refused;
    private final WholeFile results;
    private final WholeFile errors;
    private int[] linesOfPart = new int[64];
    private long written;

    Writing(
        Settlement settlement,
        Answers answers,
        LineReader refused,
        WholeFile results,
        WholeFile errors) {
      this.settlement = settlement;
      this.answers = answers;
      this.refused = refused;
      this.results = results;
      this.errors = errors;
    }

    @Override
    public void visit(int request, RequestIndex.Entry entry) throws IOException {
      if (entry.part() == 0) {
        copyRefused();
        return;
      }
      int line = nextLineOf(entry.part());
      if (answers.isSuccess(request)) {
        answers.copy(request, results);
        written++;
      } else if (answers.has(request)) {
        answers.copy(request, errors);
      } else {
        Reason reason = settlement.unanswered.reason(entry.part(), line);
        ErrorLine.of(entry.customId(), reason, settlement.name, entry.line()).writeTo(errors);
      }
    }

    private int nextLineOf(int part) {
      if (part >= linesOfPart.length) {
        linesOfPart = Arrays.copyOf(linesOfPart, part * 2);
      }
      return ++linesOfPart[part];
    }

    private void copyRefused() throws IOException {
      if (!refused.next()) {
        throw new IOException(
            settlement.split + " has fewer refused lines than its index says. Split again.");
      }
      errors.writeLine(ByteBuffer.wrap(refused.buffer(), refused.start(), (int) refused.length()));
    }
  }
}
