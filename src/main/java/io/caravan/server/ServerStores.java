package io.caravan.server;

import io.caravan.server.store.Batches;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.store.Uploads;
import io.caravan.server.store.folder.FolderBatches;
import io.caravan.server.store.folder.FolderFiles;
import io.caravan.server.store.folder.FolderSize;
import io.caravan.server.store.folder.FolderUploads;
import io.caravan.server.store.postgres.AnswerLog;
import io.caravan.server.store.postgres.PostgresAccess;
import io.caravan.server.store.postgres.PostgresBatches;
import io.caravan.server.store.postgres.PostgresFiles;
import io.caravan.server.store.postgres.PostgresUploads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.util.FileSystemUtils;

/** The stores of files, uploads and batches: in a folder, or in a database shared by replicas. */
record ServerStores(
    StoredFiles files, Uploads uploads, Batches batches, DiskQuota.Measure size, Runnable closing)
    implements AutoCloseable {

  /** For one server with exclusive use of the folder. */
  static ServerStores inFolder(Path folder, Clock clock) throws IOException {
    var files = new FolderFiles(folder, clock);
    return new ServerStores(
        files,
        new FolderUploads(folder, files, clock),
        new FolderBatches(folder, files, clock),
        new FolderSize(folder),
        () -> {});
  }

  /** For several servers; the folder holds only data that may be lost. */
  static ServerStores inPostgres(DataSource source, Path folder, Duration lease, Clock clock)
      throws IOException {
    var postgres = new PostgresAccess(source);
    Path scratch = folder.toAbsolutePath().normalize().resolve("scratch");
    FileSystemUtils.deleteRecursively(scratch);
    Path incoming = Files.createDirectories(scratch.resolve("incoming"));
    var files = new PostgresFiles(postgres, incoming, clock);
    var answers = new AnswerLog(postgres, lease);
    return new ServerStores(
        files,
        new PostgresUploads(postgres, files, incoming, clock),
        new PostgresBatches(postgres, files, answers, scratch, lease, clock),
        postgres::size,
        answers::close);
  }

  @Override
  public void close() {
    closing.run();
  }
}
