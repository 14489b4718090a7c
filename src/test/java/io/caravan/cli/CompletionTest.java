package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the completions of a bash that has sourced the script of {@code caravan completion}. */
class CompletionTest {
  @TempDir private Path folder;

  @Test
  void completesCommands() throws Exception {
    assertThat(completed("./caravan", "")).contains("run", "check", "status", "cancel", "retry");
    assertThat(completed("./caravan", "ca")).containsExactly("cancel");
  }

  @Test
  void completesOptions() throws Exception {
    assertThat(completed("./caravan", "run", "--a")).containsExactly("--again");
    assertThat(completed("./caravan", "check", "--o")).containsExactly("--output-tokens");
  }

  @Test
  void completesFiles() throws Exception {
    Files.createFile(folder.resolve("reviews.csv"));

    assertThat(completed("./caravan", "run", "rev")).contains("reviews.csv");
  }

  private List<String> completed(String... words) throws IOException, InterruptedException {
    var script = new StringWriter();
    int code =
        CommandLineInterface.commands(Object.class)
            .setOut(new PrintWriter(script))
            .execute("completion");
    assertThat(code).isZero();
    String asked =
        """
        %s
        compopt() { :; } # works only at a prompt
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
        COMP_POINT=${#COMP_LINE}
        function=$(complete -p caravan | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        $function caravan "${COMP_WORDS[COMP_CWORD]}"
        printf '%%s\n' "${COMPREPLY[@]}"
        """
            .formatted(script);
    Path file = Files.writeString(folder.resolve("asked.sh"), asked);
    var command = new ArrayList<>(List.of("bash", file.toString()));
    command.addAll(List.of(words));
    Process bash =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(output).isZero();
    return output.lines().toList();
  }
}
