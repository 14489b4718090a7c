package io.caravan.server.store;

import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * Takes over what versions up to 0.1 kept as JSON files in the server's folder. Each object is
 * deleted there after its rows are committed, so an interrupted takeover is repeated.
 */
final class FolderTakeover {
  private static final Logger LOG = LoggerFactory.getLogger(FolderTakeover.class);
  private static final String METADATA = ".json";

  private final Path folder;
  private final ServerDatabase database;
  private final Contents contents;
  private final StoredFiles files;
  private final Uploads uploads;
  private final Batches batches;
  private int taken;

  FolderTakeover(
      Path folder,
      ServerDatabase database,
      Contents contents,
      StoredFiles files,
      Uploads uploads,
      Batches batches) {
    this.folder = folder;
    this.database = database;
    this.contents = contents;
    this.files = files;
    this.uploads = uploads;
    this.batches = batches;
  }

  void run() throws IOException {
    each("files", "*" + METADATA, this::file);
    FileSystemUtils.deleteRecursively(folder.resolve("files"));
    each("uploads", "*", this::upload);
    FileSystemUtils.deleteRecursively(folder.resolve("uploads"));
    each("batches", "*", this::batch);
    Set<String> unfinished = new RunRows(database).ids();
    each("batches", "*", batch -> dropEnded(batch, unfinished));
    if (taken > 0) {
      LOG.info("took over {} files, uploads and batches from {}", taken, folder);
    }
  }

  private void each(String name, String glob, Step step) throws IOException {
    Path parent = folder.resolve(name);
    if (Files.isDirectory(parent)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, glob)) {
        for (Path one : all) {
          step.take(one);
        }
      }
    }
  }

  private void file(Path metadata) throws IOException {
    StoredFile file = Json.MAPPER.readValue(metadata.toFile(), StoredFile.class);
    Path bytes = metadata.resolveSibling(file.id());
    if (Files.exists(bytes)) {
      contents.put(file.id(), target -> DurableFiles.link(bytes, target));
      commit(() -> files.put(file));
      Files.delete(bytes);
    }
    Files.delete(metadata);
  }

  private void upload(Path old) throws IOException {
    Path state = old.resolve("upload.json");
    if (Files.exists(state)) {
      Upload upload = Json.MAPPER.readValue(state.toFile(), Upload.class);
      try (DirectoryStream<Path> parts = Files.newDirectoryStream(old)) {
        for (Path part : parts) {
          part(upload, part);
        }
      }
      commit(() -> uploads.put(upload));
    }
    FileSystemUtils.deleteRecursively(old);
  }

  private void part(Upload upload, Path part) throws IOException {
    String id = part.getFileName().toString();
    if (IdKind.PART.matches(id)) {
      long bytes = contents.put(id, target -> DurableFiles.link(part, target));
      commit(() -> contents.register(id, upload.id(), bytes));
    }
  }

  /** An unfinished batch keeps its folder with its input and answers. */
  private void batch(Path old) throws IOException {
    Path state = old.resolve("batch.json");
    if (Files.exists(state)) {
      StoredBatch batch = Json.MAPPER.readValue(state.toFile(), StoredBatch.class);
      commit(() -> {
        batches.put(batch);
        if (!batch.status().terminal()) {
          new RunRows(database).insert(batch.id(), null, null);
        }
      });
      Files.delete(state);
    }
  }

  private static void dropEnded(Path batch, Set<String> unfinished) throws IOException {
    if (!unfinished.contains(batch.getFileName().toString())) {
      FileSystemUtils.deleteRecursively(batch);
    }
  }

  private void commit(Runnable rows) {
    taken++;
    database.inTransaction(() -> {
      rows.run();
      return true;
    });
  }

  private interface Step {
    void take(Path path) throws IOException;
  }
}
