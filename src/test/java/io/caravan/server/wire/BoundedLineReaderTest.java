package io.caravan.server.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.caravan.server.wire.BoundedLineReader.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundedLineReaderTest {
  @TempDir private Path directory;

  @Test
  void countsLinesAndBytes() throws IOException {
    assertThat(read("a\r\n\nbé\nc"))
        .extracting(Line::number, Line::end, Line::terminated)
        .containsExactly(
            tuple(1, 3L, true), tuple(2, 4L, true), tuple(3, 8L, true), tuple(4, 9L, false));
  }

  @Test
  void continuesAfterLinesThatAreTooLong() throws IOException {
    assertThat(read("x".repeat(200_000) + "\nb\n")).extracting(Line::text).containsExactly("", "b");
    assertThat(read("x".repeat(101)).getFirst().fault()).contains("longer than 100 bytes");
    assertThat(read("x".repeat(100)).getFirst().fault()).isNull();
  }

  @Test
  void reportsLinesThatAreNotUtf8() throws IOException {
    Path file = Files.write(directory.resolve("f"), "é\n".getBytes(ISO_8859_1));

    assertThat(read(file)).extracting(Line::fault).containsExactly("is not UTF-8");
  }

  @Test
  void findsNothingInAnEmptyFile() throws IOException {
    assertThat(read("")).isEmpty();
  }

  private List<Line> read(String content) throws IOException {
    return read(Files.writeString(directory.resolve("f"), content));
  }

  private static List<Line> read(Path file) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (var reader = new BoundedLineReader(file, 100)) {
      for (Line line = reader.next(); line != null; line = reader.next()) {
        lines.add(line);
      }
    }
    return lines;
  }
}
