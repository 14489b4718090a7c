package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CheckCommandTest {
  @TempDir private Path folder;

  @Test
  void tellsRequestsPartsTokensAndPrice() throws IOException {
    Told told = check("good.txt", "Why is the sky blue?\nWhy is the sea green?\n");

    assertThat(told.code()).isZero();
    assertThat(told.text())
        .contains("good.txt: requests 2, bad 0, parts 1")
        .containsPattern(
            "gpt-4.1-mini: 2 requests, about 81 tokens, about \\$0\\.000016 in batches")
        .contains("without the answers");
  }

  @Test
  void tellsWhatIsWrongWithLines() throws IOException {
    Told told = check("bad.csv", "prompt,b\none,1\ntwo\n");

    assertThat(told.code()).isEqualTo(1);
    assertThat(told.text())
        .contains("requests 2, bad 1")
        .contains("bad.csv line 3: the row has 1 cells");
  }

  @Test
  void givesNoPriceForAModelThatItDoesNotKnow() throws IOException {
    Told told = check("new.jsonl", "{\"prompt\":\"Hi\",\"model\":\"made-up\"}\n");

    assertThat(told.code()).isZero();
    assertThat(told.text()).contains("made-up: 1 requests").contains("price unknown");
  }

  private record Told(int code, String text) {}

  private Told check(String name, String content) throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    var told = new StringWriter();
    int code =
        new CommandLine(new CheckCommand())
            .setOut(new PrintWriter(told))
            .setErr(new PrintWriter(told))
            .execute(file.toString());
    return new Told(code, told.toString());
  }
}
