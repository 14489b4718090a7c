package bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Measures a file from inbox to results with a provider that answers immediately, and the openai package. */
final class FileToFile implements Benchmark {
  private static final String NAME = "file to file";

  @Override
  public void run(Machine machine, Consumer<Row> rows) throws Exception {
    long lines = machine.scaled(50_000);
    Path file = machine.requests(Generator.Kind.CHAT, lines, machine.scaled(193_000_000));
    Path folder = machine.folder("file-to-file");
    try (Provider provider = Provider.start(machine, folder)) {
      Floor.seconds(provider.url(), file, folder.resolve("floor.jsonl")); // the provider is warm for all
      double floor = Floor.seconds(provider.url(), file, folder.resolve("floor.jsonl"));
      rows.accept(Row.of(NAME, "the provider's own time (upload, create, download, nothing else)", Benchmark.seconds(floor)));
      Took sdk = sdk(machine, provider, folder, file, rows, lines, floor);
      Took run = run(machine, provider, folder, file, lines);
      tell(rows, "./caravan run", run, sdk, floor);
      Took service = service(machine, provider, folder, file, lines);
      tell(rows, "running service, dropped into the inbox", service, sdk, floor);
    }
  }

  private record Took(double seconds, Child.Memory memory, Caravan.Heap heap) {}

  private static Took sdk(
      Machine machine, Provider provider, Path folder, Path file, Consumer<Row> rows, long lines, double floor) throws Exception {
    Optional<String> missing = machine.missingSdk();
    if (missing.isPresent()) {
      rows.accept(Row.skipped(NAME, "openai package for Node", missing.get()));
      return null;
    }
    Path results = folder.resolve("sdk.jsonl");
    var command = List.of(Machine.find("node").orElseThrow(), machine.root().resolve("bench/openai-sdk.mjs").toString(), file.toString(), results.toString());
    try (Child node = Child.start(folder, Map.of("OPENAI_BASE_URL", provider.url(), "OPENAI_API_KEY", "sk-bench"), command)) {
      double seconds = node.await(600);
      check(results, lines);
      rows.accept(Row.of(NAME, "openai package for Node: time; time beyond the provider's own; peak memory",
          Benchmark.seconds(seconds) + ", " + Benchmark.seconds(seconds - floor) + "; " + node.memory()));
      return new Took(seconds, node.memory(), null);
    }
  }

  private static Took run(Machine machine, Provider provider, Path folder, Path file, long lines) throws Exception {
    Path work = Files.createDirectories(folder.resolve("run"));
    try (Caravan caravan = Caravan.run(machine, work, provider.variables(), file)) {
      double seconds = caravan.child().await(600);
      check(results(work, file), lines);
      return new Took(seconds, caravan.child().memory(), caravan.heap());
    }
  }

  private static Took service(Machine machine, Provider provider, Path folder, Path file, long lines) throws Exception {
    Path work = Files.createDirectories(folder.resolve("service"));
    var variables = new HashMap<>(provider.variables());
    try (Caravan caravan = Caravan.serve(machine, work, variables)) {
      caravan.drop(file);
      double seconds = caravan.awaitReports(1, 600);
      check(results(work, file), lines);
      return new Took(seconds, caravan.child().memory(), caravan.heap());
    }
  }

  private static Path results(Path work, Path file) {
    return work.resolve("outbox/results").resolve(file.getFileName().toString().replace(".jsonl", ".results.jsonl"));
  }

  static void check(Path results, long lines) throws Exception {
    try (var in = Files.newInputStream(results)) {
      long found = 0;
      byte[] piece = new byte[1 << 17];
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        for (int i = 0; i < read; i++) {
          found += piece[i] == '\n' ? 1 : 0;
        }
      }
      if (found != lines) {
        throw new IllegalStateException("%s has %d lines of %d".formatted(results, found, lines));
      }
    }
  }

  private static void tell(Consumer<Row> rows, String who, Took own, Took sdk, double floor) {
    double beyond = own.seconds - floor;
    String what = who + ": time beyond the provider's own (" + Benchmark.seconds(own.seconds) + " in total)";
    String memory = who + ": peak memory (heap %d MB; %d MB anonymous)".formatted(own.heap.peak(), own.memory.anonymous());
    if (sdk == null) {
      rows.accept(Row.of(NAME, what, Benchmark.seconds(beyond)));
      rows.accept(Row.of(NAME, memory, own.memory.toString()));
      return;
    }
    double other = sdk.seconds - floor;
    rows.accept(Row.compared(NAME, what, Benchmark.seconds(beyond), Benchmark.seconds(other), beyond / other, "below 1", beyond < other));
    double ratio = own.memory.peak() / (double) Math.max(1, sdk.memory.peak());
    rows.accept(Row.compared(NAME, memory, own.memory.toString(), sdk.memory.toString(), ratio, "below 1", ratio < 1));
  }
}
