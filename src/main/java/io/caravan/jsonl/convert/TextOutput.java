package io.caravan.jsonl.convert;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An output stream that converts text to UTF-8 from the encoding of its byte-order mark, or else
 * the given one. It refuses content whose first bytes show that it is not text.
 */
public final class TextOutput extends OutputStream {
  /** The content is not readable text. */
  public static final class Refused extends IOException {
    public final String code;
    public final String told;

    Refused(String code, String told) {
      super(told);
      this.code = code;
      this.told = told;
    }
  }

  private static final int HEAD = 1 << 16;

  private final OutputStream out;
  private final Charset charset;
  private byte[] head = new byte[HEAD];
  private int length;
  private @Nullable OutputStream text;

  public TextOutput(OutputStream out, Charset charset) {
    this.out = out;
    this.charset = charset;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] given, int from, int count) throws IOException {
    if (text != null) {
      text.write(given, from, count);
      return;
    }
    int taken = Math.min(count, HEAD - length);
    System.arraycopy(given, from, head, length, taken);
    length += taken;
    if (length == HEAD) {
      begin().write(given, from + taken, count - taken);
    }
  }

  /** Writes the rest of the text. */
  public void finish() throws IOException {
    (text == null ? begin() : text).close();
  }

  private OutputStream begin() throws IOException {
    Refused refusal = FileKind.refusal(head, length);
    if (refusal != null) {
      throw refusal;
    }
    ByteOrderMark mark = ByteOrderMark.of(head, length);
    Charset own = mark == null ? charset : mark.charset();
    if (mark == null && own.equals(StandardCharsets.UTF_8)) {
      refusal = FileKind.zeros(head, length);
      if (refusal != null) {
        throw refusal;
      }
    }
    var lines = new LineEnds(out);
    OutputStream begun = own.equals(StandardCharsets.UTF_8) ? lines : new ToUtf8(own, lines);
    int skipped = begun == lines || mark == null ? 0 : mark.bytes();
    begun.write(head, skipped, length - skipped);
    head = new byte[0];
    text = begun;
    return begun;
  }
}
