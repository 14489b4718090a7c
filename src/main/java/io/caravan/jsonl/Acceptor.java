package io.caravan.jsonl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Copies incoming bytes to a plain file on disk: unpacks gzip, whatever the name says, and writes
 * UTF-8.
 */
public final class Acceptor {
  private static final int PIECE = 1 << 16;

  private final long maxBytes;
  private final Charset charset;

  /**
   * Takes files in one encoding.
   *
   * @param maxBytes the largest plain content; of packed content, no more than this is read
   * @param charset of content without a byte-order mark
   */
  public Acceptor(long maxBytes, Charset charset) {
    this.maxBytes = maxBytes;
    this.charset = charset;
  }

  /** Returns when the file is complete and on disk; the caller closes the stream. */
  public Intake accept(InputStream in, Path file) throws IOException {
    MessageDigest rawDigest = sha256();
    MessageDigest digest = sha256();
    RawInput raw = new RawInput(in, rawDigest);
    try (WholeFile out = new WholeFile(file);
        Gunzip gunzip = new Gunzip(raw);
        TextOutput text = new TextOutput(new DigestOutputStream(out, digest), charset)) {
      Plain plain = raw.startsLikeGzip() ? gunzip::read : raw::read;
      byte[] piece = new byte[PIECE];
      for (int read = plain.read(piece); read >= 0; read = plain.read(piece)) {
        text.write(piece, 0, read);
        if (out.bytes() > maxBytes || raw.bytes() > maxBytes + 2L * PIECE) {
          return tooLarge();
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
              "invalid_gzip", "the content is no valid gzip. Pack the file again.");
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
