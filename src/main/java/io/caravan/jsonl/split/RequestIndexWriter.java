package io.caravan.jsonl.split;

import io.caravan.jsonl.WholeFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes the index of a split, so that settling needs neither the input file nor the settings.
 *
 * <p>Format: one record per line that is not blank, in input order, all numbers as varints: lines
 * since the previous record, bytes since its end, length, part (0: refused), length and bytes of
 * the custom_id. The last eight bytes are the number of records.
 */
final class RequestIndexWriter implements Closeable {
  private final WholeFile out;
  private long records;
  private long line;
  private long end;

  RequestIndexWriter(Path file) throws IOException {
    out = new WholeFile(file);
    out.write(RequestIndex.MAGIC);
  }

  void request(RequestLine request, int part) throws IOException {
    write(request.line(), request.offset(), request.length(), part, request.customId());
  }

  /** Writes a record without id and place: refused lines are never sent. */
  void refused(RefusedLine refused) throws IOException {
    write(refused.line(), end, 0, 0, null);
  }

  void commit() throws IOException {
    out.write(ByteBuffer.allocate(Long.BYTES).putLong(0, records));
    out.commit();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private void write(long atLine, long offset, int length, int part, @Nullable String id)
      throws IOException {
    byte[] bytes = id == null ? new byte[0] : id.getBytes(StandardCharsets.UTF_8);
    varint(atLine - line);
    varint(offset - end);
    varint(length);
    varint(part);
    varint(bytes.length);
    out.write(bytes);
    line = atLine;
    end = offset + length;
    records++;
  }

  private void varint(long value) throws IOException {
    long rest = value;
    while (rest > 0x7f) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
