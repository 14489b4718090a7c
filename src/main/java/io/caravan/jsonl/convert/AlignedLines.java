package io.caravan.jsonl.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.WholeFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Writes lines at given line numbers, so that they match the line numbers of the input. */
public final class AlignedLines implements Closeable {
  private final WholeFile file;
  private long line = 1;

  public AlignedLines(Path file) throws IOException {
    this.file = new WholeFile(file);
  }

  public void write(long at, ObjectNode object) throws IOException {
    write(at, ByteBuffer.wrap(StrictJson.MAPPER.writeValueAsBytes(object)));
  }

  public void write(long at, ByteBuffer bytes) throws IOException {
    for (; line < at; line++) {
      file.write('\n');
    }
    file.writeLine(bytes);
    line++;
  }

  /** Commits the file if it has a line. */
  public void commitUnlessEmpty() throws IOException {
    file.commitUnlessEmpty();
  }

  void commit() throws IOException {
    file.commit();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
