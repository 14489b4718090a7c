package io.caravan.jsonl.split;

import io.caravan.disk.DiskReserve;
import io.caravan.disk.NoRoomException;
import io.caravan.jsonl.Gunzip;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.RawInput;
import io.caravan.jsonl.WholeFile;
import io.caravan.jsonl.convert.TextOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Accepts an input file: decompresses gzip, detected by content, and stores the text as UTF-8 on
 * disk.
 */
public final class Acceptor {
  private static final int PIECE = 1 << 16;

  /**
   * The maximum gzip ratio. Gzip shrinks zeros a thousand-fold, but text that repeats after a
   * thousand bytes or more less than 200-fold: for 258 bytes deflate needs two codes and the bits
   * of a distance, at least 10 bits.
   */
  private static final long MOST_GROWTH = 200;

  private static final long GROWS_FREELY = 10_000_000;

  private final long maxBytes;
  private final Charset charset;

  /**
   * Creates an acceptor for one encoding.
   *
   * @param maxBytes maximum size of the plain content; no more compressed bytes are read either
   * @param charset encoding of content without a byte-order mark
   */
  public Acceptor(long maxBytes, Charset charset) {
    this.maxBytes = maxBytes;
    this.charset = charset;
  }

  /** Stores the content and returns once it is on disk; the caller closes the stream. */
  public Intake accept(InputStream in, Path file) throws IOException {
    return accept(in, file, 0);
  }

  /**
   * Stores the content if there is disk space for it.
   *
   * @param announced size of the raw content if known, else 0; the disk space for it is checked
   *     before anything is read
   */
  public Intake accept(InputStream in, Path file, long announced) throws IOException {
    try {
      DiskReserve.require(file, announced, DiskReserve.Use.NEW_FILE);
      return store(in, file);
    } catch (NoRoomException e) {
      if (e.isNever()) {
        return new Intake.Refused("no_room", String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private Intake store(InputStream in, Path file) throws IOException {
    MessageDigest rawDigest = sha256();
    MessageDigest digest = sha256();
    RawInput raw = new RawInput(in, rawDigest);
    try (WholeFile out = WholeFile.arriving(file);
        Gunzip gunzip = new Gunzip(raw);
        TextOutput text = new TextOutput(new DigestOutputStream(out, digest), charset)) {
      boolean packed = raw.startsLikeGzip();
      Plain plain = packed ? gunzip::read : raw::read;
      byte[] piece = new byte[PIECE];
      for (int read = plain.read(piece); read >= 0; read = plain.read(piece)) {
        text.write(piece, 0, read);
        if (out.bytes() > maxBytes || raw.bytes() > maxBytes + 2L * PIECE) {
          return tooLarge();
        }
        if (packed && out.bytes() - GROWS_FREELY > MOST_GROWTH * raw.bytes()) {
          return new Intake.Refused(
              "grows_too_much",
              "the content grows more than %s-fold when decompressed, unlike any file of requests. If it is one, send it uncompressed."
                  .formatted(MOST_GROWTH));
        }
      }
      text.finish();
      if (out.bytes() > maxBytes) {
        return tooLarge();
      }
      out.commit();
      return new Intake.Accepted(file, out.bytes(), hex(digest), raw.bytes(), hex(rawDigest));
    } catch (Gunzip.Broken e) {
      return e.cutOff
          ? new Intake.Refused(
              "truncated_gzip", "the gzip content ends too early. Send the whole file.")
          : new Intake.Refused(
              "invalid_gzip", "the content is not valid gzip. Compress the file again.");
    } catch (TextOutput.Refused e) {
      return new Intake.Refused(e.code, e.told);
    }
  }

  private interface Plain {
    int read(byte[] piece) throws IOException, Gunzip.Broken;
  }

  private Intake tooLarge() {
    return new Intake.Refused(
        "file_too_large",
        "the content has more than the maximum of %s bytes. Cut it into smaller files."
            .formatted(Quote.number(maxBytes)));
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
