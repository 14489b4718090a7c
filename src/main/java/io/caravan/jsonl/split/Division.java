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
 * Cuts the file of a part into pieces of whole lines.
 *
 * @param maxTokens of a piece, in those of the model; a line with more gets a piece of its own
 * @param rate how many tokens its texts have for each that is estimated
 * @param media what images and files are taken to have
 */
public record Division(Path part, long maxTokens, double rate, MediaTokens media) {
  /** One piece, complete and on disk. */
  public record Piece(Path file, int requests, long bytes, Tokens tokens) {}

  /** Writes the pieces to the paths given for 1, 2, …; the same part gives the same pieces. */
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
