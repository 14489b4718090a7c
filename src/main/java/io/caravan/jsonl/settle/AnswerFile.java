package io.caravan.jsonl.settle;

import java.nio.file.Path;

/**
 * A file of answers.
 *
 * @param attempt at the requests that it answers, the first is 1
 * @param own whether {@link Harvest} wrote it, not the provider
 */
public record AnswerFile(Path path, int attempt, boolean own) {
  public AnswerFile {
    if (attempt < 1) {
      throw new IllegalArgumentException("Attempts count from 1.");
    }
  }
}
