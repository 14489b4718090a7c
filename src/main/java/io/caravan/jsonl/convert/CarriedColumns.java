package io.caravan.jsonl.convert;

import io.caravan.jsonl.LineReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads, in step with the requests, what comes back beside their answers. */
public final class CarriedColumns implements Closeable {
  private final LineReader lines;
  private boolean more = true;

  private CarriedColumns(LineReader lines) {
    this.lines = lines;
  }

  /** There is no such file for inputs of whole requests: nothing is carried. */
  public static CarriedColumns open(Path file) throws IOException {
    InputStream in =
        Files.exists(file) ? Files.newInputStream(file) : InputStream.nullInputStream();
    return new CarriedColumns(new LineReader(in, Integer.MAX_VALUE));
  }

  /** The member {@code metadata} of a line, which is larger with each call; else nothing. */
  public String member(long line) throws IOException {
    String object = object(line);
    return object.isEmpty() ? "" : "\"metadata\":" + object;
  }

  /** What a line carries, as an object; else nothing. */
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
