package io.caravan.jsonl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sorts out the requests of a part whose batch has ended: what is finished stays so, the rest goes
 * out again or is given up.
 *
 * @param part what was sent
 * @param answers output and error file of its batch; one that does not exist is none
 * @param lastWord asked for requests without a final answer
 * @param givenUp why what is unfinished does not go out again; null: it does
 */
public record Harvest(Path part, List<Path> answers, LastWord lastWord, @Nullable Reason givenUp) {
  public Harvest {
    answers = List.copyOf(answers);
  }

  /**
   * Writes the files of what is sent again and of what gets an error of our own; the latter goes to
   * {@link Settlement}. A file without lines is not written.
   */
  public Harvested harvest(Path again, Path own) throws IOException {
    try (PartAnswers found = PartAnswers.open(part);
        LineReader lines = PartLines.open(part);
        WholeFile againLines = new WholeFile(again);
        WholeFile ownLines = new WholeFile(own)) {
      found.readRequests();
      for (Path file : answers) {
        if (Files.exists(file)) {
          found.readAnswers(file);
        }
      }
      Sorting sorting = new Sorting(this, found, againLines, ownLines);
      for (int request = 0; lines.next(); request++) {
        sorting.sort(request, lines);
      }
      againLines.commitUnlessEmpty();
      ownLines.commitUnlessEmpty();
      return sorting.harvested();
    }
  }

  private static final class Sorting {
    private final Harvest harvest;
    private final PartAnswers found;
    private final WholeFile again;
    private final WholeFile own;
    private int answered;
    private int refused;
    private int sentAgain;
    private int givenUp;

    Sorting(Harvest harvest, PartAnswers found, WholeFile again, WholeFile own) {
      this.harvest = harvest;
      this.found = found;
      this.again = again;
      this.own = own;
    }

    void sort(int request, LineReader lines) throws IOException {
      if (found.isFinal(request)) {
        answered++;
        return;
      }
      Reason refusal = harvest.lastWord.of(lines.number());
      if (refusal != null) {
        refused++;
        writeOwn(request, refusal);
      } else if (harvest.givenUp == null) {
        sentAgain++;
        again.writeLine(ByteBuffer.wrap(lines.buffer(), lines.start(), (int) lines.length()));
      } else {
        givenUp++;
        if (!found.has(request)) { // else the provider's own error says more
          writeOwn(request, harvest.givenUp);
        }
      }
    }

    Harvested harvested() {
      return new Harvested(answered, refused, sentAgain, again.bytes(), givenUp);
    }

    private void writeOwn(int request, Reason reason) throws IOException {
      new OwnError(found.customId(request), reason).writeTo(own);
    }
  }
}
