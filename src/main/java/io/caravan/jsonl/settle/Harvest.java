package io.caravan.jsonl.settle;

import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.WholeFile;
import io.caravan.jsonl.split.PartLines;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.jsonl.tokens.Prompts;
import io.caravan.jsonl.tokens.TokenEstimate;
import io.caravan.jsonl.tokens.Tokens;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a part whose batch has ended, with their answers: sorts unfinished requests into
 * those to retry and those to give up.
 */
public final class Harvest implements Closeable {
  private final Path part;
  private final PartAnswers answers;

  private Harvest(Path part, PartAnswers answers) {
    this.part = part;
    this.answers = answers;
  }

  /**
   * Reads the answers.
   *
   * @param part the file that was sent
   * @param files output and error file of its batch; missing files are ignored
   */
  public static Harvest open(Path part, List<Path> files) throws IOException {
    PartAnswers answers = PartAnswers.open(part);
    try {
      answers.readRequests();
      for (Path file : files) {
        if (Files.exists(file)) {
          answers.readAnswers(file);
        }
      }
      return new Harvest(part, answers);
    } catch (IOException | RuntimeException e) {
      answers.close();
      throw e;
    }
  }

  /** The numbers of answers found. */
  public FoundAnswers found() {
    return answers.found();
  }

  /** The provider's prompt token count for requests with a result. */
  public Prompts prompts() {
    return answers.prompts();
  }

  /**
   * What to do with requests without a final answer.
   *
   * @param lastWord checked first: the lines that the provider refused
   * @param unanswered why requests without an answer are given up; null: they are retried
   * @param temporary why requests with a temporary error are given up; null: they are retried
   */
  public record Unfinished(
      RefusedLines lastWord, @Nullable Reason unanswered, @Nullable Reason temporary) {}

  /**
   * Writes the requests to retry to {@code again} and Caravan's own errors, an input of {@link
   * Settlement}, to {@code own}. Empty files are not written.
   */
  public Harvested sort(Unfinished unfinished, MediaTokens media, Path again, Path own)
      throws IOException {
    try (LineReader lines = PartLines.open(part);
        WholeFile againLines = new WholeFile(again);
        WholeFile ownLines = new WholeFile(own)) {
      Sorting sorting =
          new Sorting(unfinished, answers, new TokenEstimate(media), againLines, ownLines);
      for (int request = 0; lines.next(); request++) {
        sorting.sort(request, lines);
      }
      againLines.commitUnlessEmpty();
      ownLines.commitUnlessEmpty();
      return sorting.harvested();
    }
  }

  @Override
  public void close() throws IOException {
    answers.close();
  }

  private static final class Sorting {
    private final Unfinished unfinished;
    private final PartAnswers found;
    private final TokenEstimate estimate;
    private final WholeFile again;
    private final WholeFile own;
    private int answered;
    private int refused;
    private int sentAgain;
    private Tokens tokensAgain = Tokens.NONE;
    private int givenUp;

    Sorting(
        Unfinished unfinished,
        PartAnswers found,
        TokenEstimate estimate,
        WholeFile again,
        WholeFile own) {
      this.unfinished = unfinished;
      this.found = found;
      this.estimate = estimate;
      this.again = again;
      this.own = own;
    }

    void sort(int request, LineReader lines) throws IOException {
      if (found.isFinal(request)) {
        answered++;
        return;
      }
      Reason refusal = unfinished.lastWord.of(lines.number());
      Reason reason = found.has(request) ? unfinished.temporary : unfinished.unanswered;
      if (refusal != null) {
        refused++;
        writeOwn(request, refusal);
      } else if (reason == null) {
        sentAgain++;
        tokensAgain = tokensAgain.plus(estimate.of(lines));
        again.writeLine(ByteBuffer.wrap(lines.buffer(), lines.start(), (int) lines.length()));
      } else {
        givenUp++;
        if (!found.has(request)) { // otherwise the provider's error is kept
          writeOwn(request, reason);
        }
      }
    }

    Harvested harvested() {
      return new Harvested(answered, refused, sentAgain, again.bytes(), tokensAgain, givenUp);
    }

    private void writeOwn(int request, Reason reason) throws IOException {
      new OwnError(found.customId(request), reason).writeTo(own);
    }
  }
}
