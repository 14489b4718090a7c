package io.caravan.jsonl;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What some programs write before a text, by which its encoding is known. */
enum ByteOrderMark {
  UTF_8("efbbbf", StandardCharsets.UTF_8),
  /** Before UTF-16, whose mark it begins with. */
  UTF_32LE("fffe0000", Charset.forName("UTF-32LE")),
  UTF_32BE("0000feff", Charset.forName("UTF-32BE")),
  UTF_16LE("fffe", StandardCharsets.UTF_16LE),
  UTF_16BE("feff", StandardCharsets.UTF_16BE);

  private final byte[] mark;
  private final Charset charset;

  ByteOrderMark(String mark, Charset charset) {
    this.mark = HexFormat.of().parseHex(mark);
    this.charset = charset;
  }

  static @Nullable ByteOrderMark of(byte[] head, int length) {
    return Stream.of(values())
        .filter(it -> length >= it.bytes())
        .filter(it -> Arrays.equals(head, 0, it.bytes(), it.mark, 0, it.bytes()))
        .findFirst()
        .orElse(null);
  }

  Charset charset() {
    return charset;
  }

  int bytes() {
    return mark.length;
  }
}
