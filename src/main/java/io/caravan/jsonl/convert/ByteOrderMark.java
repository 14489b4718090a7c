package io.caravan.jsonl.convert;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The byte-order mark that identifies the encoding of a text. */
enum ByteOrderMark {
  UTF_8("efbbbf", StandardCharsets.UTF_8),
  /** Listed before UTF-16LE, because its mark starts with the one of UTF-16LE. */
  UTF_32LE("fffe0000", Charset.forName("UTF-32LE")),
  UTF_32BE("0000feff", Charset.forName("UTF-32BE")),
  UTF_16LE("fffe", StandardCharsets.UTF_16LE),
  UTF_16BE("feff", StandardCharsets.UTF_16BE);

  private final String mark;
  private final Charset charset;

  ByteOrderMark(String mark, Charset charset) {
    this.mark = mark;
    this.charset = charset;
  }

  static @Nullable ByteOrderMark of(byte[] head, int length) {
    return Stream.of(values())
        .filter(it -> length >= it.bytes())
        .filter(it -> HexFormat.of().formatHex(head, 0, it.bytes()).equals(it.mark))
        .findFirst()
        .orElse(null);
  }

  Charset charset() {
    return charset;
  }

  int bytes() {
    return mark.length() / 2;
  }
}
