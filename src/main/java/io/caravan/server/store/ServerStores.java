package io.caravan.server.store;

import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import io.caravan.server.store.answers.AnswerStore;
import io.caravan.server.store.answers.FolderAnswers;
import io.caravan.server.store.answers.RowAnswers;
import io.caravan.workspace.WorkspaceException;
import io.caravan.workspace.WorkspaceStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** The stores of files, uploads and batches: rows in the database, bytes in the workspace. */
public record ServerStores(
    StoredFiles files,
    Uploads uploads,
    Batches batches,
    DiskQuota.Measure size,
    AnswerStore answers)
    implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerStores.class);

  /**
   * Opens the stores, and takes over what earlier versions stored elsewhere.
   *
   * @param storage of the bytes
   * @param folder of this server alone
   * @param lease how long a replica keeps its batches without renewing its lease
   */
  public static ServerStores open(
      DataSource source,
      Database kind,
      Replica replica,
      WorkspaceStorage storage,
      Path folder,
      Duration lease,
      Clock clock)
      throws IOException {
    var database = new ServerDatabase(source, kind, replica);
    var contents = new Contents(database, storage);
    var files = new StoredFiles(database, contents, clock);
    var uploads = new Uploads(database, contents, files, clock);
    Path running =
        folder.toAbsolutePath().normalize().resolve(database.shared() ? "scratch" : "batches");
    AnswerStore answers =
        switch (kind) {
          case SQLITE -> new FolderAnswers(Files.createDirectories(running));
          case POSTGRESQL -> {
            FileSystemUtils.deleteRecursively(running);
            Files.createDirectories(running);
            yield new RowAnswers(source, lease);
          }
        };
    var batches = new Batches(database, files, contents, answers, running, lease, clock);
    switch (kind) {
      case SQLITE -> new FolderTakeover(folder, database, contents, files, uploads, batches).run();
      case POSTGRESQL -> new ChunkTakeover(database.jdbc(), contents).run();
    }
    try {
      contents.loseLeftovers();
    } catch (WorkspaceException e) {
      LOG.warn("{}. Files left over from a crash stay until the next start.", e.getMessage());
    }
    return new ServerStores(
        files, uploads, batches, () -> contents.bytes() + answers.bytes(), answers);
  }

  @Override
  public void close() {
    answers.close();
  }
}
