package bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the named benchmarks, or all, and prints the results. */
final class Bench {
  private static final Map<String, Benchmark> ALL = new LinkedHashMap<>();

  static {
    ALL.put("start-up", new StartUp());
    ALL.put("validation", new Validation());
    ALL.put("file-to-file", new FileToFile());
    ALL.put("big-files", new BigFiles());
    ALL.put("small-files", new SmallFiles());
    ALL.put("in-flight", new InFlight());
    ALL.put("embedded", new Embedded());
    ALL.put("queue", new Queue());
    ALL.put("growth", new Growth());
  }

  private Bench() {}

  public static void main(String[] args) throws Exception {
    double scale = 1;
    long seed = 1;
    var names = new ArrayList<String>();
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--scale") && i + 1 < args.length) {
        scale = Double.parseDouble(args[++i]);
      } else if (args[i].equals("--seed") && i + 1 < args.length) {
        seed = Long.parseLong(args[++i]);
      } else if (ALL.containsKey(args[i])) {
        names.add(args[i]);
      } else {
        System.err.println("Usage: bench/run [--scale FACTOR] [--seed NUMBER] [" + String.join("|", ALL.keySet()) + "]…");
        System.exit(args[i].equals("--help") ? 0 : 2);
      }
    }
    Path root = Path.of(System.getProperty("bench.root"));
    Path work = Files.createDirectories(root.resolve("bench/work"));
    var machine = new Machine(root, Path.of(System.getProperty("bench.classes")), work, seed, scale);
    var results = new Results(machine.description());
    for (String name : names.isEmpty() ? List.copyOf(ALL.keySet()) : names) {
      try {
        ALL.get(name).run(machine, results::add);
      } catch (Exception e) {
        results.add(new Row(name, "failed", String.valueOf(e.getMessage()).replace('\n', ' '), "", "", "", false));
      }
    }
    results.write(root.resolve("bench/results"));
    System.exit(results.met() ? 0 : 1);
  }
}
