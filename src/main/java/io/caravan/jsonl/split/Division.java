package io.caravan.jsonl.split;

import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.WholeFile;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.jsonl.tokens.TokenEstimate;
import io.caravan.jsonl.tokens.Tokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Splits the file of a part into smaller files of whole lines.
 *
 * @param maxTokens tokens per piece, as the model counts; a longer line gets its own piece
 * @param rate actual text tokens per estimated token
 * @param media token figures for images and files
 */
public record Division(Path part, long maxTokens, double rate, MediaTokens media) {
  /** A piece, complete and on disk. */
  public record Piece(Path file, int requests, long bytes, Tokens tokens) {}

  /** Writes pieces to the paths for 1, 2, …; repeating it gives the same pieces. */
  public List<Piece> divide(IntFunction<Path> paths) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    try (LineReader lines = PartLines.open(part)) {
      var estimate = new TokenEstimate(media);
      boolean more = lines.next();
      Tokens next = more ? estimate.of(lines) : Tokens.NONE;
      while (more) {
        Path path = paths.apply(pieces.size() + 1);
        int requests = 0;
        Tokens tokens = Tokens.NONE;
        try (WholeFile piece = new WholeFile(path)) {
          do {
            piece.writeLine(ByteBuffer.wrap(lines.buffer(), lines.start(), (int) lines.length()));
            requests++;
            tokens = tokens.plus(next);
            more = lines.next();
            next = more ? estimate.of(lines) : Tokens.NONE;
          } while (more && tokens.plus(next).at(rate) <= maxTokens);
          piece.commit();
          pieces.add(new Piece(path, requests, piece.bytes(), tokens));
        }
      }
    }
    return pieces;
  }
}
