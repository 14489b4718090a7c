package io.caravan.jsonl.convert;

import io.caravan.jsonl.ByteScan;
import io.caravan.jsonl.convert.TextOutput.Refused;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** File types that are not text, detected by their first bytes. */
enum FileKind {
  ZIP(
      "504b0304",
      "the content is a zip archive or an Excel workbook. Unpack it and drop the files in it, or save the sheet as CSV UTF-8."),
  EMPTY_ZIP("504b0506", "the content is an empty zip archive. Drop JSONL, CSV or text."),
  OLD_WORKBOOK(
      "d0cf11e0a1b11ae1",
      "the content is an old Excel or Word file. Save it as CSV UTF-8 or as text."),
  GZIP("1f8b08", "the content is gzip inside gzip. Decompress it once."),
  BZIP2("425a68..314159265359", "the content is compressed with bzip2." + FileKind.PACK_AGAIN),
  XZ("fd377a585a00", "the content is compressed with xz." + FileKind.PACK_AGAIN),
  ZSTANDARD("28b52ffd", "the content is compressed with zstd." + FileKind.PACK_AGAIN),
  SEVEN_ZIP("377abcaf271c", "the content is a 7-Zip archive." + FileKind.PACK_AGAIN),
  PDF("255044462d", "the content is a PDF file. Export its text as UTF-8."),
  PNG("89504e470d0a1a0a", FileKind.IMAGE),
  JPEG("ffd8ff", FileKind.IMAGE),
  TAR(
      "..".repeat(257) + "7573746172",
      "the content is a tar archive. Unpack it and drop the files in it."),
  PARQUET("50415231", "the content is a Parquet file. Export it as JSONL or CSV.") {
    @Override
    boolean isOf(byte[] head, int length) {
      return super.isOf(head, length) && ByteScan.zero(head, 0, length) >= 0;
    }
  };

  private static final String IMAGE = "the content is an image. Drop JSONL, CSV or text.";
  private static final String PACK_AGAIN = " Unpack it and drop the files in it; gzip is fine.";

  /** Percentage of zero bytes; below it, only the lines with zeros are refused. */
  private static final int MANY_ZEROS = 20;

  private final String start;
  private final String told;

  /**
   * A file type.
   *
   * @param start first bytes in hexadecimal; two dots match any byte
   */
  FileKind(String start, String told) {
    this.start = start;
    this.told = told;
  }

  /** Why content with these first bytes cannot be used; null if it may be text. */
  static @Nullable Refused refusal(byte[] head, int length) {
    return Stream.of(values())
        .filter(kind -> kind.isOf(head, length))
        .findFirst()
        .map(kind -> new Refused("unsupported_content", kind.told))
        .orElse(null);
  }

  /** Why content with many zeros cannot be used; null if it has few. */
  static @Nullable Refused zeros(byte[] head, int length) {
    int even = 0;
    int odd = 0;
    for (int i = 0; i < length; i++) {
      if (head[i] == 0) {
        even += 1 - i % 2;
        odd += i % 2;
      }
    }
    if ((even + odd) * 100L < (long) length * MANY_ZEROS || even + odd == 0) {
      return null;
    }
    String told =
        "the content looks like UTF-16 without a byte-order mark. Save it as UTF-8, or set charset: %s in the pipeline.";
    if (odd > 9 * even) {
      return new Refused("invalid_utf8", told.formatted("UTF-16LE"));
    }
    return even > 9 * odd
        ? new Refused("invalid_utf8", told.formatted("UTF-16BE"))
        : new Refused(
            "unsupported_content", "the content is not text. Drop JSONL, CSV or text in UTF-8.");
  }

  boolean isOf(byte[] head, int length) {
    int bytes = start.length() / 2;
    return length >= bytes && HexFormat.of().formatHex(head, 0, bytes).matches(start);
  }
}
