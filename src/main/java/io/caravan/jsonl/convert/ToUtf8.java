package io.caravan.jsonl.convert;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Converts text to UTF-8; malformed input becomes a byte that makes only its line invalid. */
final class ToUtf8 extends OutputStream {
  /** A byte that never occurs in UTF-8. */
  private static final byte NO_CHARACTER = (byte) 0xff;

  private static final int PIECE = 1 << 14;

  private final CharsetDecoder decoder;
  private final CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
  private final OutputStream out;

  /** Bytes to skip at an error: after half a pair, the decoder also rejects the next character. */
  private final int unit;

  private final ByteBuffer given = ByteBuffer.allocate(PIECE);
  private final CharBuffer characters = CharBuffer.allocate(PIECE);
  private final ByteBuffer encoded = ByteBuffer.allocate(4 * PIECE);

  ToUtf8(Charset charset, OutputStream out) {
    this.decoder = charset.newDecoder(); // reports what is malformed
    this.out = out;
    this.unit = charset.name().startsWith("UTF-16") ? 2 : Integer.MAX_VALUE;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] piece, int from, int count) throws IOException {
    for (int done = 0; done < count; ) {
      int taken = Math.min(count - done, given.remaining());
      given.put(piece, from + done, taken);
      done += taken;
      decode(false);
    }
  }

  /** Writes the rest and closes the underlying stream. */
  @Override
  public void close() throws IOException {
    decode(true);
    decoder.flush(characters);
    drain();
    out.close();
  }

  private void decode(boolean last) throws IOException {
    given.flip();
    CoderResult result;
    do {
      result = decoder.decode(given, characters, last);
      drain();
      if (result.isError()) {
        given.position(given.position() + Math.min(result.length(), unit));
        out.write(NO_CHARACTER);
      }
    } while (!result.isUnderflow());
    given.compact();
  }

  private void drain() throws IOException {
    characters.flip();
    encoder.encode(characters, encoded, false); // fits: at most four bytes per character
    characters.compact();
    out.write(encoded.array(), 0, encoded.position());
    encoded.clear();
  }
}
