package io.caravan.jsonl.split;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.disk.FullDisk;
import io.caravan.disk.NoRoomException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptorTest {
  private static final byte[] TEXT = "{\"custom_id\":\"ä\"}\n".repeat(9999).getBytes(UTF_8);

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("input.jsonl");
  }

  @Test
  void keepsPlainContentUnchanged() throws Exception {
    assertThat(accept(TEXT))
        .isEqualTo(new Intake.Accepted(file, TEXT.length, sha256(TEXT), TEXT.length, sha256(TEXT)));
    assertThat(file).hasBinaryContent(TEXT);
  }

  @Test
  void unpacksGzip() throws Exception {
    byte[] packed = gzip(TEXT);

    assertThat(accept(packed))
        .isEqualTo(
            new Intake.Accepted(file, TEXT.length, sha256(TEXT), packed.length, sha256(packed)));
    assertThat(file).hasBinaryContent(TEXT);
  }

  @Test
  void unpacksMembersThatArriveLate() throws IOException {
    byte[] member = gzip(TEXT);
    byte[] padding = new byte[512];
    InputStream late =
        new SequenceInputStream(
            new ByteArrayInputStream(member),
            new SequenceInputStream(
                new ByteArrayInputStream(member), new ByteArrayInputStream(padding)));

    new Acceptor(1 << 20, UTF_8).accept(late, file);

    assertThat(Files.size(file)).isEqualTo(2L * TEXT.length);
  }

  @Test
  void reportsTruncatedGzip() throws IOException {
    byte[] packed = gzip(TEXT);
    for (int length :
        new int[] {3, 9, 10, 11, packed.length / 2, packed.length - 8, packed.length - 1}) {
      assertThat(accept(Arrays.copyOf(packed, length)))
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

    for (byte[] broken : new byte[][] {wrongCheck, wrongMiddle, trailing}) {
      assertThat(accept(broken))
          .isEqualTo(
              new Intake.Refused(
                  "invalid_gzip", "the content is not valid gzip. Compress the file again."));
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void stopsAGzipBomb() throws IOException {
    byte[] bomb = gzip("x".repeat(50 << 20).getBytes(US_ASCII));

    assertThat(accept(bomb))
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

    assertThat(accept(members.toByteArray())).isInstanceOf(Intake.Refused.class);
  }

  @Test
  void acceptsFileOfExactlyTheMaximum() throws IOException {
    byte[] largest = "x".repeat(1 << 20).getBytes(US_ASCII);

    assertThat(accept(largest)).isInstanceOf(Intake.Accepted.class);
    assertThat(accept((new String(largest, US_ASCII) + "x").getBytes(US_ASCII)))
        .isInstanceOf(Intake.Refused.class);
  }

  @Test
  void propagatesFailureOfSource() throws IOException {
    InputStream torn =
        new SequenceInputStream(new ByteArrayInputStream(gzip(TEXT), 0, 100), new Torn());

    assertThatThrownBy(() -> new Acceptor(1 << 20, UTF_8).accept(torn, file))
        .hasMessage("connection reset");
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
  void convertsToUtf8ByByteOrderMark(Charset charset) throws IOException {
    String text = "Größe \ud83d\ude00 漢字\r\n".repeat(20_000);

    for (byte[] content :
        List.of(("\ufeff" + text).getBytes(charset), gzip(("\ufeff" + text).getBytes(charset)))) {
      assertThat(accept(content, US_ASCII)).isInstanceOf(Intake.Accepted.class);
      assertThat(file).hasBinaryContent(text.getBytes(UTF_8));
    }
  }

  @Test
  void keepsTheByteOrderMarkOfUtf8() throws IOException {
    byte[] content = "\ufeffGröße\n".getBytes(UTF_8);

    accept(content, ISO_8859_1);

    assertThat(file).hasBinaryContent(content);
  }

  @ParameterizedTest
  @CsvSource({"windows-1252, Größe €", "Shift_JIS, 漢字かな", "UTF-16LE, Größe", "UTF-8, Größe"})
  void convertsGivenEncodingToUtf8(Charset charset, String text) throws IOException {
    accept(text.getBytes(charset), charset);

    assertThat(file).hasBinaryContent(text.getBytes(UTF_8));
  }

  @Test
  void replacesMalformedInputByInvalidByte() throws IOException {
    byte[] half = "\ufeffA\nB?\nD".getBytes(UTF_16LE);
    half[8] = 0x3d; // first half of an emoji
    half[9] = (byte) 0xd8;

    accept(half);

    assertThat(Files.readAllBytes(file))
        .isEqualTo(new byte[] {'A', '\n', 'B', (byte) 0xff, '\n', 'D'});
  }

  @ParameterizedTest
  @CsvSource({
    "'a\rb\rc', 'a\nb\nc'",
    "'a\rb\r', 'a\nb\n'",
    "'a\r\nb\r\n', 'a\r\nb\r\n'",
    "'a\rb\r\nc\rd', 'a\nb\r\nc\nd'",
    "'a\r\"b\nc\"\rd\r', 'a\n\"b\nc\"\nd\n'",
    "'a 10%\ra 20%\nb\nc\n', 'a 10%\ra 20%\nb\nc\n'"
  })
  void convertsLoneReturnsToNewlines(String given, String written) throws IOException {
    accept(unescaped(given).getBytes(UTF_8));

    assertThat(file).hasContent(unescaped(written));
    assertThat(Files.readString(file)).isEqualTo(unescaped(written));
  }

  private static String unescaped(String text) {
    return text.replace("\\r", "\r").replace("\\n", "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "504b030414000600, zip archive",
    "504b050600000000, zip archive",
    "d0cf11e0a1b11ae1, old Excel",
    "425a6839314159265359, compressed with bzip2",
    "fd377a585a0000, compressed with xz",
    "28b52ffd04, compressed with zstd",
    "377abcaf271c, 7-Zip",
    "504152311500, Parquet",
    "255044462d312e370a25e2e3cfd30a, PDF",
    "89504e470d0a1a0a0000000d, image",
    "ffd8ffe000104a464946, image",
    "7b0022006100, charset: UTF-16LE",
    "007b00220061, charset: UTF-16BE",
    "0000000a0000, not text"
  })
  void explainsContentThatIsNotText(String start, String told) throws IOException {
    byte[] content = HexFormat.of().parseHex(start);

    for (byte[] each : List.of(content, gzip(content))) {
      assertThat(accept(each))
          .isInstanceOfSatisfying(
              Intake.Refused.class,
              refused -> assertThat(refused.message()).startsWith("the content").contains(told));
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesArchivesInsideGzip() throws IOException {
    byte[] tar = new byte[10_240];
    System.arraycopy("x.jsonl".getBytes(US_ASCII), 0, tar, 0, 7);
    System.arraycopy("ustar".getBytes(US_ASCII), 0, tar, 257, 5);

    assertThat(((Intake.Refused) accept(gzip(tar))).message()).contains("tar archive");
    assertThat(((Intake.Refused) accept(gzip(gzip(TEXT)))).message()).contains("gzip inside gzip");
  }

  @Test
  void acceptsStrayZero() throws IOException {
    assertThat(accept("a prompt\0 of several words\n".getBytes(US_ASCII)))
        .isInstanceOf(Intake.Accepted.class);
  }

  private Intake accept(byte[] content) throws IOException {
    return accept(content, UTF_8);
  }

  private Intake accept(byte[] content, Charset charset) throws IOException {
    return new Acceptor(1 << 20, charset).accept(new ByteArrayInputStream(content), file);
  }

  @Test
  void refusesSuspiciousGzipRatio() throws IOException {
    byte[] bomb = gzip("a".repeat(100 << 20).getBytes(US_ASCII));

    assertThat(acceptAnySize(bomb, 0))
        .isEqualTo(
            new Intake.Refused(
                "grows_too_much",
                "the content grows more than 200-fold when decompressed, unlike any file of requests. If it is one, send it uncompressed."));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void acceptsRequestsWithMostlyCommonText() throws IOException {
    var random = new Random(1);
    byte[] common = new byte[1_000];
    for (int i = 0; i < common.length; i++) {
      common[i] = (byte) ('a' + random.nextInt(26));
    }
    var lines = new ByteArrayOutputStream();
    while (lines.size() < 40_000_000) {
      lines.writeBytes(common);
    }

    assertThat(acceptAnySize(gzip(lines.toByteArray()), 0)).isInstanceOf(Intake.Accepted.class);
  }

  @Test
  void writesNothingIfAnnouncedSizeDoesNotFit() throws IOException {
    try (FullDisk disk = FullDisk.of(1_000, 60)) {
      assertThatThrownBy(() -> acceptAnySize(TEXT, 11_000_000)).isInstanceOf(NoRoomException.class);
      assertThat(acceptAnySize(TEXT, 951_000_000))
          .isInstanceOfSatisfying(
              Intake.Refused.class,
              refused ->
                  assertThat(refused.message()).contains("Even empty it would be too small"));
      assertThat(folder).isEmptyDirectory();
      disk.free(62);
      assertThat(acceptAnySize(TEXT, 11_000_000)).isInstanceOf(Intake.Accepted.class);
    }
  }

  @Test
  void stopsBeforeDiskIsFullAndLeavesNothing() throws IOException {
    byte[] packed = gzip(TEXT);
    try (FullDisk disk = FullDisk.of(1_000, 0)) {
      disk.free(50);
      assertThatThrownBy(() -> accept(packed)).isInstanceOf(NoRoomException.class);
      assertThat(folder).isEmptyDirectory();
    }
  }

  private Intake acceptAnySize(byte[] content, long announced) throws IOException {
    return new Acceptor(Long.MAX_VALUE / 2, UTF_8)
        .accept(new ByteArrayInputStream(content), file, announced);
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
