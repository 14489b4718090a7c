package io.caravan.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a step found worth telling, kept in the job's folder until the report is written. */
public final class Notes {
  private static final String ENDING = ".notes.txt";

  /** The steps that may have something to say, by the names of their files. */
  static final List<String> FILES = List.of("validation" + ENDING, "settlement" + ENDING);

  private Notes() {}

  /** Keeps what one step has to say, in place of what it said before a crash. */
  public static Path write(Path folder, String step, List<String> problems, List<String> notes)
      throws IOException {
    String text =
        Stream.concat(problems.stream(), notes.stream())
            .map(note -> note + "\n")
            .collect(Collectors.joining());
    // half a character in a quoted text becomes a question mark; Files.writeString would throw
    return Files.write(folder.resolve(step + ENDING), text.getBytes(StandardCharsets.UTF_8));
  }

  /** All that the steps said. */
  static List<String> read(Path folder) throws IOException {
    var all = new ArrayList<String>();
    for (String name : FILES) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        all.addAll(Files.readAllLines(file));
      }
    }
    return all;
  }
}
