package io.caravan.server.store.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Bytes in rows, each under its position, of which one at a time is in memory. */
final class Chunks {
  private static final int SIZE = 1 << 20;

  private final JdbcClient jdbc;

  Chunks(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Stores a file, in a transaction of the caller's. */
  void put(String id, @Nullable String uploadId, Path source) throws IOException {
    begin(id, uploadId, Files.size(source));
    try (InputStream in = Files.newInputStream(source)) {
      long position = 0;
      for (byte[] bytes = in.readNBytes(SIZE); bytes.length > 0; bytes = in.readNBytes(SIZE)) {
        jdbc.sql("INSERT INTO server_chunk (content_id, position, bytes) VALUES (?, ?, ?)")
            .params(id, position, bytes)
            .update();
        position += bytes.length;
      }
    }
  }

  /** Announces what is put or moved here next. */
  void begin(String id, @Nullable String uploadId, long bytes) {
    jdbc.sql("INSERT INTO server_content (id, upload_id, bytes) VALUES (:id, :upload, :bytes)")
        .param("id", id)
        .param("upload", uploadId)
        .param("bytes", bytes)
        .update();
  }

  /**
   * The rows of one become rows of another, without being read; returns the position behind them.
   */
  long move(String id, String target, long position) {
    jdbc.sql(
            "UPDATE server_chunk SET content_id = :target, position = position + :position"
                + " WHERE content_id = :id")
        .param("target", target)
        .param("position", position)
        .param("id", id)
        .update();
    return position + size(id).orElseThrow();
  }

  Optional<Long> size(String id) {
    return jdbc.sql("SELECT bytes FROM server_content WHERE id = ?")
        .param(id)
        .query(Long.class)
        .optional();
  }

  /** Whether it is there; nobody else deletes it or begins to need it in this transaction. */
  boolean lock(String id) {
    return jdbc.sql("SELECT id FROM server_content WHERE id = ? FOR UPDATE")
        .param(id)
        .query(String.class)
        .optional()
        .isPresent();
  }

  void delete(String id) {
    jdbc.sql("DELETE FROM server_content WHERE id = ?").param(id).update();
  }

  /**
   * Drops, once it is locked, what is neither a file nor the input of a batch that has not ended.
   */
  void deleteUnneeded(String id) {
    jdbc.sql(
            "DELETE FROM server_content WHERE id = :id"
                + " AND NOT EXISTS (SELECT 1 FROM server_document WHERE id = :id)"
                + " AND NOT EXISTS (SELECT 1 FROM server_run WHERE input_id = :id)")
        .param("id", id)
        .update();
  }

  Resource resource(String id, long bytes) {
    return new ChunkedResource(this, id, bytes);
  }

  InputStream open(String id) {
    return new ChunkedStream(this, id, size(id).orElse(0L));
  }

  /** The row that the position is in. */
  Optional<Chunk> at(String id, long position) {
    return jdbc.sql(
            "SELECT position, bytes FROM server_chunk WHERE content_id = ? AND position <= ?"
                + " ORDER BY position DESC LIMIT 1")
        .params(id, position)
        .query((row, number) -> new Chunk(row.getLong("position"), row.getBytes("bytes")))
        .optional();
  }

  /** Some of the bytes. */
  @SuppressWarnings("ArrayRecordComponent") // passed from one method to the other, never compared
  record Chunk(long position, byte[] bytes) {}
}
