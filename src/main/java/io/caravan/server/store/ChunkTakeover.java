package io.caravan.server.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Takes over the bytes that versions up to 0.1 kept in PostgreSQL, in rows of a megabyte. */
record ChunkTakeover(JdbcClient jdbc, Contents contents) {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkTakeover.class);

  /** Several replicas may do this at once: then they write the same bytes. */
  void run() throws IOException {
    List<String> ids =
        jdbc.sql("SELECT DISTINCT content_id FROM server_chunk").query(String.class).list();
    for (String id : ids) {
      take(id);
    }
    if (!ids.isEmpty()) {
      LOG.info("moved {} files and parts from the database to the workspace", ids.size());
    }
  }

  private void take(String id) throws IOException {
    try {
      contents.put(id, target -> write(id, target));
    } catch (IOException e) {
      if (chunk(id, 0).isPresent()) {
        throw e;
      }
      return; // another replica has taken it over
    }
    jdbc.sql("DELETE FROM server_chunk WHERE content_id = ?").param(id).update();
  }

  private void write(String id, Path target) throws IOException {
    long position = 0;
    try (OutputStream out = Files.newOutputStream(target)) {
      for (Optional<byte[]> chunk = chunk(id, 0); chunk.isPresent(); chunk = chunk(id, position)) {
        out.write(chunk.get());
        position += chunk.get().length;
      }
    }
    if (position != contents.size(id).orElse(0L)) {
      throw new IOException("the bytes of %s are incomplete in the database".formatted(id));
    }
  }

  private Optional<byte[]> chunk(String id, long position) {
    return jdbc.sql("SELECT bytes FROM server_chunk WHERE content_id = ? AND position = ?")
        .params(id, position)
        .query((row, number) -> row.getBytes("bytes"))
        .optional();
  }
}
