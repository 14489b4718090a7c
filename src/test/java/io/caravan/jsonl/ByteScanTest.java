package io.caravan.jsonl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteScanTest {
  private static final int[] INTERESTING = {
    'a', 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0,
    0xf4, 0xf5, 0xff
  };

  @Test
  void judgesUtf8LikeTheDecoderOfTheJdk() {
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[random.nextInt(14)];
      for (int j = 0; j < bytes.length; j++) {
        bytes[j] =
            (byte) (random.nextInt(3) == 0 ? 'a' : INTERESTING[random.nextInt(INTERESTING.length)]);
      }
      assertThat(ByteScan.isUtf8(bytes, 0, bytes.length)).isEqualTo(decodes(bytes));
    }
  }

  @Test
  void acceptsEveryCharacter() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < 0xd800 || c > 0xdfff) {
        byte[] bytes = Character.toString(c).getBytes(StandardCharsets.UTF_8);
        assertThat(ByteScan.isUtf8(bytes, 0, bytes.length)).isTrue();
      }
    }
  }

  @Test
  void findsTheFirstNewline() {
    byte[] bytes =
        "\n0123456789\u010a\u0a0a\nabc\nabcdefghijk".getBytes(StandardCharsets.ISO_8859_1);
    for (int from = 0; from < bytes.length; from++) {
      for (int to = from; to <= bytes.length; to++) {
        int expected = -1;
        for (int i = to - 1; i >= from; i--) {
          expected = bytes[i] == '\n' ? i : expected;
        }
        assertThat(ByteScan.newline(bytes, from, to)).isEqualTo(expected);
      }
    }
  }

  private static boolean decodes(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
