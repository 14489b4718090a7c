package io.caravan.jsonl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineReaderTest {
  @Test
  void findsLinesWithAnyEnding() throws IOException {
    assertThat(read("a\nbb\r\n\r\n\nccc", 100))
        .containsExactly("1@0:a", "2@2:bb", "3@6:", "4@8:", "5@9:ccc");
  }

  @Test
  void findsNoLineInAnEmptyFile() throws IOException {
    assertThat(read("", 100)).isEmpty();
  }

  @Test
  void skipsByteOrderMarksInConcatenatedFiles() throws IOException {
    assertThat(read("\ufeffa\n\ufeffb\n\ufeff", 100))
        .containsExactly("1@3:a marked", "2@8:b marked", "3@13: marked");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 1000})
  void continuesAfterTooLongLine(int maximum) throws IOException {
    String tooLong = "x".repeat(maximum + 1);
    String fits = "y".repeat(maximum);
    assertThat(read(tooLong + "\r\n" + fits + "\r\n" + tooLong + "\n" + fits, maximum))
        .containsExactly(
            "1@0 has " + (maximum + 1),
            "2@" + (maximum + 3) + ":" + fits,
            "3@" + (2 * maximum + 5) + " has " + (maximum + 1),
            "4@" + (3 * maximum + 7) + ":" + fits);
  }

  @ParameterizedTest
  @ValueSource(ints = {262_139, 262_140, 262_143, 262_144, 262_145, 600_000})
  void measuresLinesAroundBufferSize(int length) throws IOException {
    String line = "z".repeat(length);
    assertThat(read("\ufeff" + line + "\r\nb\n" + line, 600_000))
        .containsExactly(
            "1@3:" + line + " marked",
            "2@" + (length + 5) + ":b",
            "3@" + (length + 7) + ":" + line);
    assertThat(read("\ufeff" + line + "\r\nb\n" + line, 100))
        .containsExactly(
            "1@3 has " + length + " marked",
            "2@" + (length + 5) + ":b",
            "3@" + (length + 7) + " has " + length);
  }

  @Test
  void detectsBlankLines() throws IOException {
    LineReader lines =
        new LineReader(
            new ByteArrayInputStream(" \t\r\r\n\nx \n".getBytes(StandardCharsets.UTF_8)), 9);
    assertThat(lines.next() && lines.isBlank()).isTrue();
    assertThat(lines.next() && lines.isBlank()).isTrue();
    assertThat(lines.next() && lines.isBlank()).isFalse();
  }

  private static List<String> read(String text, int maximum) throws IOException {
    List<String> found = new ArrayList<>();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (LineReader lines = new LineReader(new Dribble(bytes), maximum)) {
      while (lines.next()) {
        String content =
            lines.isTooLong()
                ? " has " + lines.length()
                : ":"
                    + new String(
                        lines.buffer(),
                        lines.start(),
                        (int) lines.length(),
                        StandardCharsets.UTF_8);
        String mark = lines.isMarked() ? " marked" : "";
        found.add(lines.number() + "@" + lines.offset() + content + mark);
      }
    }
    return found;
  }

  /** Returns a few bytes at a time, like a slow connection. */
  private static final class Dribble extends ByteArrayInputStream {
    Dribble(byte[] bytes) {
      super(bytes);
    }

    @Override
    public synchronized int read(byte[] buffer, int from, int length) {
      return super.read(buffer, from, Math.min(length, count > 1000 ? 70_001 : 1));
    }
  }
}
