package io.caravan.jsonl.settle;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.WholeFile;
import io.caravan.jsonl.convert.CarriedColumns;
import io.caravan.jsonl.convert.Converter;
import io.caravan.jsonl.split.ErrorLine;
import io.caravan.jsonl.split.RequestIndex;
import io.caravan.jsonl.split.Split;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes one line per request of a job, to the results or to the errors, in input order.
 *
 * @param split the folder of the split; neither the input nor the parts are read
 * @param name the user's name of the input file
 * @param answers output and error files of all batches, and the errors of {@link Harvest}; if a
 *     custom_id has several answers, a success wins, else the last attempt, else the first in this
 *     order
 * @param unanswered error for requests without an answer
 */
public record Settlement(Path split, String name, List<AnswerFile> answers, Reason unanswered) {
  private static final int MAX_ERROR_LINE = 1 << 20;

  public Settlement {
    answers = List.copyOf(answers);
  }

  /** Writes both files, even if empty; the same answers give the same bytes. */
  public Settled settle(Path results, Path errors) throws IOException {
    try (RequestIndex index = RequestIndex.open(split.resolve(Split.INDEX));
        Answers found = new Answers(answers, index.customIds());
        CarriedColumns carried = CarriedColumns.open(split.resolve(Converter.CARRIED));
        LineReader refused =
            new LineReader(Files.newInputStream(split.resolve(Split.REFUSED)), MAX_ERROR_LINE);
        WholeFile resultLines = new WholeFile(results);
        WholeFile errorLines = new WholeFile(errors)) {
      Writing writing = new Writing(this, found, carried, refused, resultLines, errorLines);
      found.collect();
      index.forEach(writing);
      resultLines.commit();
      errorLines.commit();
      return found.settled(index.count(), writing.written);
    }
  }

  /** Writes the lines of the requests in input order. */
  private static final class Writing implements RequestIndex.Visitor {
    private final Settlement settlement;
    private final Answers answers;
    private final CarriedColumns carried;
    private final LineReader refused;
    private final WholeFile results;
    private final WholeFile errors;
    private long written;

    Writing(
        Settlement settlement,
        Answers answers,
        CarriedColumns carried,
        LineReader refused,
        WholeFile results,
        WholeFile errors) {
      this.settlement = settlement;
      this.answers = answers;
      this.carried = carried;
      this.refused = refused;
      this.results = results;
      this.errors = errors;
    }

    @Override
    public void visit(int request, RequestIndex.Entry entry) throws IOException {
      if (entry.part() == 0) {
        copyRefused(carried.member(entry.line()));
        return;
      }
      String beside = carried.member(entry.line());
      if (answers.isSuccess(request)) {
        answers.copyResult(request, beside, results);
        written++;
      } else if (answers.has(request)) {
        answers.writeError(request, entry, settlement.name, beside, errors);
      } else {
        Reason reason = settlement.unanswered;
        ErrorLine.of(entry.customId(), reason, settlement.name, entry.line(), 1)
            .writeTo(errors, beside);
      }
    }

    private void copyRefused(String beside) throws IOException {
      if (!refused.next()) {
        throw new IOException(
            settlement.split + " has fewer refused lines than its index says. Split again.");
      }
      int brace = (int) refused.length() - 1; // nothing follows the brace in our own lines
      errors.write(ByteBuffer.wrap(refused.buffer(), refused.start(), brace));
      errors.write((beside.isEmpty() ? "}\n" : "," + beside + "}\n").getBytes(UTF_8));
    }
  }
}
