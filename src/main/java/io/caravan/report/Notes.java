package io.caravan.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Notes of the steps for the report, kept in the job's folder until the report is written. */
public final class Notes {
  private static final String ENDING = ".notes.txt";

  /** The names of the steps' note files. */
  static final List<String> FILES = List.of("validation" + ENDING, "settlement" + ENDING);

  private Notes() {}

  /** Writes the notes of one step, replacing those from before a crash. */
  public static Path write(Path folder, String step, List<String> problems, List<String> notes)
      throws IOException {
    String text =
        Stream.concat(problems.stream(), notes.stream())
            .map(note -> note + "\n")
            .collect(Collectors.joining());
    // an unpaired surrogate becomes a question mark; Files.writeString would throw
    return Files.write(folder.resolve(step + ENDING), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads the notes of all steps. */
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
