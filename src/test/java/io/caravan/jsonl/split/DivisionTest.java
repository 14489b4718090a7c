package io.caravan.jsonl.split;

import static io.caravan.jsonl.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.jsonl.Requests;
import io.caravan.jsonl.split.Division.Piece;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.jsonl.tokens.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DivisionTest {
  private static final int LINE = request("a").length() + 1;

  @TempDir private Path folder;

  @Test
  void splitsExactlyByTokens() throws IOException {
    Path part = Requests.write(folder, request("a"), request("b"), request("c"));

    assertThat(divide(part, 2))
        .containsExactly(
            new Piece(piece(1), 2, 2L * LINE, new Tokens(2, 0)),
            new Piece(piece(2), 1, LINE, new Tokens(1, 0)));
    assertThat(piece(1)).hasContent(request("a") + "\n" + request("b") + "\n");
    assertThat(piece(2)).hasContent(request("c") + "\n");
    assertThat(divide(part, 1)).extracting(Piece::requests).containsExactly(1, 1, 1);
  }

  @Test
  void splitsByTokensOfTheModel() throws IOException {
    Path part = Requests.write(folder, request("a"), request("b"), request("c"));

    List<Piece> pieces = new Division(part, 3, 1.5, MediaTokens.OPENAI).divide(this::piece);

    assertThat(pieces).extracting(Piece::requests).containsExactly(2, 1);
  }

  @Test
  void keepsFittingPartInOnePiece() throws IOException {
    Path part = Requests.write(folder, request("a"), request("b"));

    assertThat(divide(part, 2))
        .containsExactly(new Piece(piece(1), 2, 2L * LINE, new Tokens(2, 0)));
    assertThat(piece(1)).hasSameBinaryContentAs(part);
  }

  @Test
  void putsTooLongLineInItsOwnPiece() throws IOException {
    String large = request("large").replace("x", "é".repeat(300_000));
    Path part = Requests.write(folder, request("a"), large, request("b"), request("c"));

    assertThat(divide(part, 2)).extracting(Piece::requests).containsExactly(1, 1, 2);
    assertThat(Files.readString(piece(2))).isEqualTo(large + "\n");
  }

  @Test
  void keepsEveryByte() throws IOException {
    String[] lines = new String[3_000];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = request("r-" + i).replace("x", "a ".repeat(i % 777));
    }
    Path part = Requests.write(folder, lines);

    List<Piece> pieces = divide(part, 5_000);

    StringBuilder all = new StringBuilder();
    for (Piece piece : pieces) {
      assertThat(Files.size(piece.file())).isEqualTo(piece.bytes());
      assertThat(piece.tokens().text()).isLessThanOrEqualTo(5_000L);
      all.append(Files.readString(piece.file()));
    }
    assertThat(all).asString().isEqualTo(Files.readString(part));
    assertThat(pieces.stream().mapToInt(Piece::requests).sum()).isEqualTo(3_000);
  }

  @Test
  void writesNoPieceForEmptyPart() throws IOException {
    assertThat(divide(Files.createFile(folder.resolve("empty")), 99)).isEmpty();
  }

  private List<Piece> divide(Path part, long maxTokens) throws IOException {
    return new Division(part, maxTokens, 1, MediaTokens.OPENAI).divide(this::piece);
  }

  private Path piece(int number) {
    return folder.resolve("part-1." + number + ".jsonl");
  }
}
