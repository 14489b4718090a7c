package io.caravan.jsonl.split;

import io.caravan.jsonl.FileWindow;
import io.caravan.jsonl.Member;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The index of a split; {@link RequestIndexWriter} describes the format. */
public final class RequestIndex implements Closeable {
  static final byte[] MAGIC = "caravan1".getBytes(StandardCharsets.US_ASCII);

  private static final int MAX_RECORD = 5 * 10 + Member.MAX_TEXT * 3;
  private static final int STRIDE = 16;
  private static final int NEARBY = 1 << 12;

  /**
   * A line of the input that is not blank.
   *
   * @param part 0 if the line was refused
   * @param customId empty if the line was refused
   */
  public record Entry(long line, long offset, int length, int part, String customId) {}

  /** Receives the entries in input order. */
  public interface Visitor {
    void visit(int ordinal, Entry entry) throws IOException;
  }

  private final FileWindow sequential;
  private final FileWindow random;
  private final int count;
  private final long[] places; // of every 16th entry, to find an id again

  private RequestIndex(FileWindow sequential, FileWindow random, int count) {
    this.sequential = sequential;
    this.random = random;
    this.count = count;
    this.places = new long[count / STRIDE + 1];
  }

  public static RequestIndex open(Path file) throws IOException {
    FileWindow sequential = FileWindow.open(file);
    long size = sequential.size();
    ByteBuffer magic = sequential.at(0, MAGIC.length);
    if (!ByteBuffer.wrap(MAGIC).equals(magic)) {
      sequential.close();
      throw new IOException(file + " is not an index of requests. Split the file again.");
    }
    long count = sequential.at(size - Long.BYTES, Long.BYTES).getLong();
    return new RequestIndex(sequential, FileWindow.open(file), Math.toIntExact(count));
  }

  public int count() {
    return count;
  }

  public void forEach(Visitor visitor) throws IOException {
    long at = MAGIC.length;
    long line = 0;
    long end = 0;
    for (int ordinal = 0; ordinal < count; ordinal++) {
      if (ordinal % STRIDE == 0) {
        places[ordinal / STRIDE] = at;
      }
      ByteBuffer record = sequential.at(at, MAX_RECORD);
      line += varint(record);
      long offset = end + varint(record);
      int length = (int) varint(record);
      int part = (int) varint(record);
      String customId = text(record);
      at += record.position();
      end = offset + length;
      visitor.visit(ordinal, new Entry(line, offset, length, part, customId));
    }
  }

  /** An index from custom_ids to the requests that were sent. */
  public CustomIdIndex customIds() throws IOException {
    CustomIdIndex ids = new CustomIdIndex(this::customId, count);
    forEach((request, entry) -> {
      if (entry.part() > 0) {
        ids.add(entry.customId(), request);
      }
    });
    return ids;
  }

  /** The custom_id of a visited entry; usually one read gets it and the entries before it. */
  private String customId(long ordinal) throws IOException {
    long at = places[(int) ordinal / STRIDE];
    ByteBuffer records = random.at(at, NEARBY);
    for (int i = (int) ordinal % STRIDE; i > 0; i--) {
      toCustomId(records);
      int length = (int) varint(records);
      records.position(records.position() + length);
      if (records.remaining() < MAX_RECORD) {
        at += records.position();
        records = random.at(at, NEARBY);
      }
    }
    toCustomId(records);
    return text(records);
  }

  @Override
  public void close() throws IOException {
    try (random) {
      sequential.close();
    }
  }

  private static void toCustomId(ByteBuffer record) {
    for (int i = 0; i < 4; i++) {
      varint(record);
    }
  }

  private static String text(ByteBuffer record) {
    int length = (int) varint(record);
    int from = record.arrayOffset() + record.position();
    record.position(record.position() + length);
    return new String(record.array(), from, length, StandardCharsets.UTF_8);
  }

  private static long varint(ByteBuffer record) {
    long value = 0;
    int shift = 0;
    while (true) {
      byte next = record.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
      shift += 7;
    }
  }
}
