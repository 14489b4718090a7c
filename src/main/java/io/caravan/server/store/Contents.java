package io.caravan.server.store;

import io.caravan.workspace.WorkspaceStorage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.AbstractResource;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The bytes of files and of parts of uploads, in the workspace, and a row for each. Bytes are
 * stored before their row, and deleted after it.
 */
final class Contents {
  private static final String NAME = "bytes";

  private final JdbcClient jdbc;
  private final WorkspaceStorage storage;
  private final ServerDatabase database;

  Contents(ServerDatabase database, WorkspaceStorage storage) {
    this.jdbc = database.jdbc();
    this.database = database;
    this.storage = storage;
  }

  /** Stores bytes, replacing those of the same id; returns how many. */
  long put(String id, StoredFiles.Content content) throws IOException {
    Path folder = local(id);
    Path target = folder.resolve(NAME);
    Path arriving = folder.resolve(UUID.randomUUID() + ".arriving");
    try {
      Files.createDirectories(folder);
      content.putAt(arriving);
      DurableFiles.sync(arriving);
      long bytes = Files.size(arriving);
      Files.move(
          arriving, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      DurableFiles.syncFolder(folder);
      DurableFiles.syncFolder(storage.root());
      storage.keep(id, target, () -> {});
      return bytes;
    } finally {
      Files.deleteIfExists(arriving);
      storage.end(id);
    }
  }

  /** Inserts or replaces the row of stored bytes. */
  void register(String id, @Nullable String uploadId, long bytes) {
    jdbc.sql(
            "INSERT INTO server_content (id, upload_id, bytes) VALUES (:id, :upload, :bytes)"
                + " ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes")
        .param("id", id)
        .param("upload", uploadId)
        .param("bytes", bytes)
        .update();
  }

  /** Locks a row against deletion and new uses until the commit; false if it does not exist. */
  boolean lock(String id) {
    return jdbc.sql("SELECT id FROM server_content WHERE id = ?" + database.forUpdate())
        .param(id)
        .query(String.class)
        .optional()
        .isPresent();
  }

  /** Deletes a locked row unless a file or an unfinished batch uses it; returns whether it did. */
  boolean forgetUnneeded(String id) {
    return jdbc.sql(
                "DELETE FROM server_content WHERE id = :id"
                    + " AND NOT EXISTS (SELECT 1 FROM server_document WHERE id = :id)"
                    + " AND NOT EXISTS (SELECT 1 FROM server_run WHERE input_id = :id)")
            .param("id", id)
            .update()
        > 0;
  }

  /** Deletes bytes that no longer have a row. */
  void drop(String id) {
    try {
      storage.drop(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Moves bytes without a row aside, which a crash or a replaced database left. */
  void loseLeftovers() throws IOException {
    storage.sweep();
    List<String> stored = storage.jobIds(); // before the rows: a row follows its bytes
    Set<String> known =
        new HashSet<>(jdbc.sql("SELECT id FROM server_content").query(String.class).list());
    for (String id : stored) {
      if (!known.contains(id) && (!database.shared() || storage.isAbandoned(id))) {
        storage.lose(id);
      }
    }
  }

  Optional<Long> size(String id) {
    return jdbc.sql("SELECT bytes FROM server_content WHERE id = ?")
        .param(id)
        .query(Long.class)
        .optional();
  }

  /** The bytes of all rows. */
  long bytes() {
    return jdbc.sql("SELECT COALESCE(SUM(bytes), 0) FROM server_content")
        .query(Long.class)
        .single();
  }

  /** Puts the bytes into a local file. */
  void copyTo(String id, Path target) throws IOException {
    try {
      DurableFiles.link(fetch(id), target);
    } finally {
      storage.end(id);
    }
  }

  InputStream open(String id) throws IOException {
    try {
      return Files.newInputStream(fetch(id)); // an open file survives its deletion
    } finally {
      storage.end(id);
    }
  }

  /** Absolute, since the web server moves uploads relative to a folder of its own. */
  private Path local(String id) throws IOException {
    return storage.begin(id).toAbsolutePath();
  }

  private Path fetch(String id) throws IOException {
    Path file = local(id).resolve(NAME);
    storage.fetch(id, file);
    return file;
  }

  Resource resource(String id, long bytes) {
    return new AbstractResource() {
      @Override
      public String getDescription() {
        return id;
      }

      @Override
      public boolean exists() {
        return true;
      }

      @Override
      public long contentLength() {
        return bytes;
      }

      @Override
      public InputStream getInputStream() throws IOException {
        return open(id);
      }
    };
  }
}
