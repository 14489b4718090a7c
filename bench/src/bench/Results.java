package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** Prints the table row by row, and writes it to files. */
final class Results {
  private static final String HEAD = "| benchmark | what | Caravan | other, same run | ratio | target | |\n|---|---|---|---|---|---|---|\n";

  private final List<Row> rows = new ArrayList<>();
  private final String machine;

  Results(String machine) {
    this.machine = machine;
    System.out.println(machine + "\n\n" + HEAD.strip());
  }

  void add(Row row) {
    rows.add(row);
    System.out.println(markdown(row));
  }

  /** Whether every measured target is met. */
  boolean met() {
    return rows.stream().noneMatch(row -> Boolean.FALSE.equals(row.met()));
  }

  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    String name = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    var table = new StringBuilder(machine + "\n\n" + HEAD);
    var json = new StringBuilder("{\"machine\": " + quoted(machine) + ", \"rows\": [");
    String comma = "";
    for (Row row : rows) {
      table.append(markdown(row)).append('\n');
      json.append(comma).append("\n  {\"benchmark\": %s, \"what\": %s, \"value\": %s, \"other\": %s, \"ratio\": %s, \"aim\": %s, \"met\": %s}"
          .formatted(quoted(row.benchmark()), quoted(row.what()), quoted(row.value()), quoted(row.other()),
              row.ratio().isEmpty() ? "null" : row.ratio(), quoted(row.aim()), row.met()));
      comma = ",";
    }
    Files.writeString(folder.resolve(name + ".md"), table);
    Files.writeString(folder.resolve(name + ".json"), json.append("\n]}\n"));
    System.out.println("\nWritten to " + folder.resolve(name) + ".md and .json");
  }

  private static String markdown(Row row) {
    return String.join(" | ", "| " + row.benchmark(), row.what(), row.value(), row.other(), row.ratio(), row.aim(), row.verdict() + " |");
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }
}
