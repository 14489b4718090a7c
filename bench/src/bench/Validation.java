package bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Compares the speed of checking a file with typical line readers. */
final class Validation implements Benchmark {
  private static final int ROUNDS = 3;
  private static final String NAME = "validation";

  @Override
  public void run(Machine machine, Consumer<Row> rows) throws Exception {
    Path file = machine.requests(Generator.Kind.CHAT, machine.scaled(50_000), machine.scaled(193_000_000));
    double megabytes = Files.size(file) / 1e6;
    Files.copy(file, java.io.OutputStream.nullOutputStream()); // everybody reads it from memory
    var own = new ArrayList<double[]>();
    var others = new java.util.LinkedHashMap<String, List<Double>>();
    for (int round = 0; round < ROUNDS; round++) { // taking turns, for the machine is never quite at rest
      own.add(caravan(machine, file));
      for (var reader : readers(machine, file).entrySet()) {
        if (reader.getValue().isPresent()) {
          try (Child child = Child.start(machine.folder("validation"), Map.of(), reader.getValue().get())) {
            others.computeIfAbsent(reader.getKey(), name -> new ArrayList<>()).add(child.await(300));
          }
        }
      }
    }
    double first = megabytes / median(own.stream().mapToDouble(each -> each[0]));
    double warm = megabytes / median(own.stream().flatMapToDouble(each -> Arrays.stream(each, 2, each.length - 1)));
    double split = megabytes / own.stream().mapToDouble(each -> each[each.length - 1]).average().orElseThrow();
    rows.accept(Row.of(NAME, "MB/s warm with the split, parts written and on disk", rate(split)));
    rows.accept(Row.of(NAME, "MB/s of the first file in a process", rate(first)));
    for (var reader : readers(machine, file).entrySet()) {
      String what = "MB/s warm, against " + reader.getKey();
      if (reader.getValue().isEmpty()) {
        rows.accept(Row.skipped(NAME, what, reader.getKey().split(" ")[0] + " is not on the PATH"));
        continue;
      }
      double other = megabytes / median(others.get(reader.getKey()).stream().mapToDouble(Double::doubleValue));
      double wanted = reader.getKey().startsWith("node") ? 4 : 1;
      String aim = reader.getKey().startsWith("node") ? "at least 4x" : reader.getKey().startsWith("python3") ? "faster" : "";
      rows.accept(Row.compared(NAME, what, rate(warm), rate(other), warm / other, aim, warm / other >= wanted));
    }
  }

  private static Map<String, Optional<List<String>>> readers(Machine machine, Path file) {
    Path bench = machine.root().resolve("bench");
    var readers = new java.util.LinkedHashMap<String, Optional<List<String>>>();
    readers.put("node JSON.parse", Machine.find("node").map(node -> List.of(node, bench.resolve("lines.mjs").toString(), file.toString())));
    readers.put("python3 json.loads", Machine.find("python3").map(python -> List.of(python, bench.resolve("lines.py").toString(), file.toString())));
    readers.put("jq -c .custom_id", Machine.find("jq").map(jq -> List.of(jq, "-c", ".custom_id", file.toString())));
    return readers;
  }

  /** Seconds of the check in each round, and last of a warm check and split. */
  private static double[] caravan(Machine machine, Path file) throws Exception {
    Path folder = machine.folder("validation");
    String app = machine.root().resolve("target/app").toString();
    var command = new ArrayList<>(List.of(Machine.JAVA, "-Xmx256m", "-XX:+UseSerialGC"));
    String options = System.getenv().getOrDefault("BENCH_JAVA_OPTS", "");
    command.addAll(Arrays.stream(options.split(" ")).filter(each -> !each.isBlank()).toList());
    command.addAll(List.of("-cp", machine.classes() + ":" + app + "/caravan.jar:" + app + "/jars/*",
        "bench.CheckFile", file.toString(), folder.resolve("parts").toString()));
    try (Child child = Child.start(folder, Map.of(), with(command, "6"))) {
      child.await(600);
      double[][] rounds = child.output().lines()
          .map(line -> Arrays.stream(line.replace(',', '.').split(" ")).limit(2).mapToDouble(Double::parseDouble).toArray())
          .toArray(double[][]::new);
      var all = Arrays.copyOf(Arrays.stream(rounds).mapToDouble(round -> round[0]).toArray(), rounds.length + 1);
      all[rounds.length] = median(Arrays.stream(rounds).skip(2).mapToDouble(round -> round[1]));
      return all;
    }
  }

  private static List<String> with(List<String> command, String last) {
    var all = new ArrayList<>(command);
    all.add(last);
    return all;
  }

  private static double median(java.util.stream.DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static String rate(double megabytes) {
    return String.format(Locale.ROOT, "%.0f", megabytes);
  }
}
