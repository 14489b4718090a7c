package io.caravan.jsonl.settle;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An output or error file of a batch, or a file of errors from Caravan.
 *
 * @param attempt number of the attempt that it answers, starting at 1
 * @param way added to each line, how its request was run; null to add nothing
 * @param own whether {@link Harvest} wrote it instead of the provider
 */
public record AnswerFile(Path path, int attempt, @Nullable String way, boolean own) {
  public AnswerFile {
    if (attempt < 1) {
      throw new IllegalArgumentException("Attempts count from 1.");
    }
  }
}
