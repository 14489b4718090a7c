package io.caravan.server.store.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Contents stored as rows of up to 1 MB by position, so that one row at a time is in memory. */
final class Chunks {
  private static final int SIZE = 1 << 20;

  private final JdbcClient jdbc;

  Chunks(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Store a file in the caller's transaction. */
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

  /** Registers a content, whose rows are put or moved next. */
  void begin(String id, @Nullable String uploadId, long bytes) {
    jdbc.sql("INSERT INTO server_content (id, upload_id, bytes) VALUES (:id, :upload, :bytes)")
        .param("id", id)
        .param("upload", uploadId)
        .param("bytes", bytes)
        .update();
  }

  /** Moves the rows of one content to another without reading them; returns the position after. */
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

  /** Locks a content against deletion and new uses until the commit; false if it does not exist. */
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

  /** Deletes a locked content unless a file or the input of an unfinished batch uses it. */
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

  /** The row that contains the position. */
  Optional<Chunk> at(String id, long position) {
    return jdbc.sql(
            "SELECT position, bytes FROM server_chunk WHERE content_id = ? AND position <= ?"
                + " ORDER BY position DESC LIMIT 1")
        .params(id, position)
        .query((row, number) -> new Chunk(row.getLong("position"), row.getBytes("bytes")))
        .optional();
  }

  /** One row: a part of the bytes and its position. */
  @SuppressWarnings("ArrayRecordComponent") // passed from one method to the other, never compared
  record Chunk(long position, byte[] bytes) {}
}
