package io.caravan.jsonl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Cuts the file of a part into pieces of whole lines.
 *
 * @param maxBytes of a piece, newlines counted; a line that is longer gets a piece of its own
 */
public record Division(Path part, long maxBytes) {
  /** One piece, complete and on disk. */
  public record Piece(Path file, int requests, long bytes) {}

  /** Writes the pieces to the paths given for 1, 2, …; the same part gives the same pieces. */
  public List<Piece> divide(IntFunction<Path> paths) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    try (LineReader lines = PartLines.open(part)) {
      boolean more = lines.next();
      while (more) {
        Path path = paths.apply(pieces.size() + 1);
        int requests = 0;
        try (WholeFile piece = new WholeFile(path)) {
          do {
            piece.writeLine(ByteBuffer.wrap(lines.buffer(), lines.start(), (int) lines.length()));
            requests++;
            more = lines.next();
          } while (more && piece.bytes() + lines.length() + 1 <= maxBytes);
          piece.commit();
          pieces.add(new Piece(path, requests, piece.bytes()));
        }
      }
    }
    return pieces;
  }
}
