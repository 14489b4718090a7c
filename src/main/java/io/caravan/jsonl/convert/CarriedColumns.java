package io.caravan.jsonl.convert;

import io.caravan.jsonl.LineReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the columns that are returned next to the answers, in step with the requests. */
public final class CarriedColumns implements Closeable {
  private final LineReader lines;
  private boolean more = true;

  private CarriedColumns(LineReader lines) {
    this.lines = lines;
  }

  /** Opens the file; inputs of whole requests have none, and nothing is carried. */
  public static CarriedColumns open(Path file) throws IOException {
    InputStream in =
        Files.exists(file) ? Files.newInputStream(file) : InputStream.nullInputStream();
    return new CarriedColumns(new LineReader(in, Integer.MAX_VALUE));
  }

  /** The member {@code metadata} of a line, or empty; line numbers must increase. */
  public String member(long line) throws IOException {
    String object = object(line);
    return object.isEmpty() ? "" : "\"metadata\":" + object;
  }

  /** The carried columns of a line as a JSON object, or empty; line numbers must increase. */
  public String object(long line) throws IOException {
    while (more && lines.number() < line) {
      more = lines.next();
    }
    return more && lines.number() == line && !lines.isBlank()
        ? new String(lines.buffer(), lines.start(), (int) lines.length(), StandardCharsets.UTF_8)
        : "";
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
