package io.caravan.server.store.answers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The answers of one server: the result files survive a crash and need no other log. */
public record FolderAnswers(Path folder) implements AnswerStore {
  @Override
  public Journal open(Run run, BatchFolder batch) throws IOException {
    Files.createDirectories(batch.path());
    return Journal.NONE;
  }

  @Override
  public void delete(String batchId) {} // the folder of the batch is deleted

  @Override
  public long bytes() throws IOException {
    long bytes = 0;
    try (var batches = Files.newDirectoryStream(folder)) {
      for (Path batch : batches) {
        var files = new BatchFolder(batch);
        for (Path file : List.of(files.output(), files.errors())) {
          bytes += Files.exists(file) ? Files.size(file) : 0;
        }
      }
    }
    return bytes;
  }

  @Override
  public void close() {}
}
