package io.caravan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.LineReader.Line;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads the requests of an input file that has been validated, one at a time. */
final class InputReader implements Closeable {
  private final LineReader lines;

  InputReader(Path input, ServerSettings settings) throws IOException {
    this.lines = new LineReader(input, settings.maxLineBytes());
  }

  @Nullable Request next() throws IOException {
    Line line = lines.next();
    while (line != null && line.blank()) {
      line = lines.next();
    }
    if (line == null) {
      return null;
    }
    ObjectNode json = Json.object(line.text());
    return new Request(json.path("custom_id").asText(), json.withObject("/body"));
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  /** One line of an input file, as far as it matters to whoever answers it. */
  record Request(String customId, ObjectNode body) {}
}
