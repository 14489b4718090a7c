package io.caravan.jsonl.settle;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.OpenFilePool;
import io.caravan.jsonl.WholeFile;
import io.caravan.jsonl.convert.AlignedLines;
import io.caravan.jsonl.convert.CarriedColumns;
import io.caravan.jsonl.convert.Converter;
import io.caravan.jsonl.split.CustomIdIndex;
import io.caravan.jsonl.split.RequestIndex;
import io.caravan.jsonl.split.Split;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/**
 * Extracts the requests of a finished job that have no result, to submit them again.
 *
 * @param split the folder of the split
 * @param input the file that was split
 * @param results the results file, written by {@link Settlement}
 */
public record FailedRequests(Path split, Path input, Path results) {
  /**
   * The numbers of requests without a result.
   *
   * @param failed requests that were sent but have no result
   * @param refused lines that failed validation; they would be refused again
   */
  public record Counts(int failed, int refused) {}

  /**
   * Writes the failed requests unchanged, and their carried columns under the same line numbers to
   * {@code beside}. Empty files are not written.
   */
  public Counts write(Path file, Path beside) throws IOException {
    try (RequestIndex index = RequestIndex.open(split.resolve(Split.INDEX));
        OpenFilePool lines = new OpenFilePool(List.of(input));
        CarriedColumns carried = CarriedColumns.open(split.resolve(Converter.CARRIED));
        AlignedLines columns = new AlignedLines(beside);
        WholeFile out = new WholeFile(file)) {
      Copying copying = new Copying(answered(index), lines, carried, out, columns);
      index.forEach(copying);
      columns.commitUnlessEmpty();
      out.commitUnlessEmpty();
      return new Counts(copying.failed, copying.refused);
    }
  }

  private BitSet answered(RequestIndex index) throws IOException {
    BitSet answered = new BitSet(index.count());
    CustomIdIndex ids = index.customIds();
    try (LineReader lines =
        new LineReader(Files.newInputStream(results), LineReader.LONGEST_ANSWER)) {
      while (lines.next()) {
        AnswerLine answer = AnswerLine.read(lines);
        long request = answer == null ? CustomIdIndex.ABSENT : ids.find(answer.customId());
        if (request != CustomIdIndex.ABSENT) {
          answered.set((int) request);
        }
      }
    }
    return answered;
  }

  private static final class Copying implements RequestIndex.Visitor {
    private final BitSet answered;
    private final OpenFilePool input;
    private final CarriedColumns carried;
    private final WholeFile out;
    private final AlignedLines columns;
    private int failed;
    private int refused;

    Copying(
        BitSet answered,
        OpenFilePool input,
        CarriedColumns carried,
        WholeFile out,
        AlignedLines columns) {
      this.answered = answered;
      this.input = input;
      this.carried = carried;
      this.out = out;
      this.columns = columns;
    }

    @Override
    public void visit(int request, RequestIndex.Entry entry) throws IOException {
      if (entry.part() == 0) {
        refused++;
      } else if (!answered.get(request)) {
        failed++;
        input.copy(0, entry.offset(), entry.length(), out);
        String beside = carried.object(entry.line());
        if (!beside.isEmpty()) {
          columns.write(failed, ByteBuffer.wrap(beside.getBytes(UTF_8)));
        }
      }
    }
  }
}
