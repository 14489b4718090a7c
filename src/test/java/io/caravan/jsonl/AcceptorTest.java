package io.caravan.jsonl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcceptorTest {
  private static final byte[] TEXT =
      "{\"custom_id\":\"ä\"}\n".repeat(9999).getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("input.jsonl");
  }

  @Test
  void keepsPlainContentAsItIs() throws Exception {
    assertThat(accept(TEXT, Compression.DETECT))
        .isEqualTo(new Intake.Accepted(file, TEXT.length, sha256(TEXT), TEXT.length, sha256(TEXT)));
    assertThat(file).hasBinaryContent(TEXT);
  }

  @Test
  void unpacksGzip() throws Exception {
    byte[] packed = gzip(TEXT);

    for (Compression compression : new Compression[] {Compression.DETECT, Compression.GZIP}) {
      assertThat(accept(packed, compression))
          .isEqualTo(
              new Intake.Accepted(file, TEXT.length, sha256(TEXT), packed.length, sha256(packed)));
      assertThat(file).hasBinaryContent(TEXT);
    }
  }

  @Test
  void leavesGzipPackedWhenToldSo() throws IOException {
    byte[] packed = gzip(TEXT);

    accept(packed, Compression.NONE);

    assertThat(file).hasBinaryContent(packed);
  }

  @Test
  void unpacksAllMembersAlsoWhenTheyComeLate() throws IOException {
    byte[] member = gzip(TEXT);
    byte[] padding = new byte[512];
    InputStream late =
        new SequenceInputStream(
            new ByteArrayInputStream(member),
            new SequenceInputStream(
                new ByteArrayInputStream(member), new ByteArrayInputStream(padding)));

    new Acceptor(1 << 20).accept(late, file, Compression.DETECT);

    assertThat(Files.size(file)).isEqualTo(2L * TEXT.length);
  }

  @Test
  void reportsGzipThatEndsTooEarly() throws IOException {
    byte[] packed = gzip(TEXT);
    for (int length :
        new int[] {3, 9, 10, 11, packed.length / 2, packed.length - 8, packed.length - 1}) {
      assertThat(accept(Arrays.copyOf(packed, length), Compression.DETECT))
          .isEqualTo(
              new Intake.Refused(
                  "truncated_gzip", "the gzip content ends too early. Send the whole file."));
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void reportsBrokenGzip() throws IOException {
    byte[] packed = gzip(TEXT);
    byte[] wrongCheck = packed.clone();
    wrongCheck[packed.length - 6]++;
    byte[] wrongMiddle = packed.clone();
    Arrays.fill(wrongMiddle, 20, 60, (byte) 0xff);
    byte[] trailing = Arrays.copyOf(packed, packed.length + 1);
    trailing[packed.length] = 'x';

    for (byte[] broken : new byte[][] {wrongCheck, wrongMiddle, trailing, TEXT}) {
      assertThat(accept(broken, Compression.GZIP))
          .isEqualTo(
              new Intake.Refused(
                  "invalid_gzip", "the content is no valid gzip. Pack the file again."));
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void stopsAGzipBomb() throws IOException {
    byte[] bomb = gzip(new byte[50 << 20]);

    assertThat(accept(bomb, Compression.DETECT))
        .isEqualTo(
            new Intake.Refused(
                "file_too_large",
                "the content has more than the maximum of 1,048,576 bytes."
                    + " Cut it into smaller files."));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void stopsAFileOfEmptyMembers() throws IOException {
    byte[] empty = gzip(new byte[0]);
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    for (int i = 0; i < 100_000; i++) {
      members.write(empty);
    }

    assertThat(accept(members.toByteArray(), Compression.DETECT))
        .isInstanceOf(Intake.Refused.class);
  }

  @Test
  void takesAFileOfExactlyTheMaximum() throws IOException {
    assertThat(accept(new byte[1 << 20], Compression.NONE)).isInstanceOf(Intake.Accepted.class);
    assertThat(accept(new byte[(1 << 20) + 1], Compression.NONE))
        .isInstanceOf(Intake.Refused.class);
  }

  @Test
  void blamesTheSourceForItsOwnFailure() throws IOException {
    InputStream torn =
        new SequenceInputStream(new ByteArrayInputStream(gzip(TEXT), 0, 100), new Torn());

    assertThatThrownBy(() -> new Acceptor(1 << 20).accept(torn, file, Compression.DETECT))
        .hasMessage("connection reset");
    assertThat(folder).isEmptyDirectory();
  }

  private Intake accept(byte[] content, Compression compression) throws IOException {
    return new Acceptor(1 << 20).accept(new ByteArrayInputStream(content), file, compression);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(content);
    }
    return packed.toByteArray();
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private static final class Torn extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("connection reset");
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      return read();
    }
  }
}
