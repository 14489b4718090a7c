package bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Measures files larger than the heap, from inbox to outbox. */
final class BigFiles implements Benchmark {
  @Override
  public void run(Machine machine, Consumer<Row> rows) throws Exception {
    run(machine, rows, machine.scaled(280_000), machine.scaled(1_000_000_000));
    run(machine, rows, machine.scaled(1_000_000), machine.scaled(1_000_000_000));
  }

  private static void run(Machine machine, Consumer<Row> rows, long lines, long bytes) throws Exception {
    Path file = machine.requests(Generator.Kind.CHAT, lines, bytes);
    Path folder = machine.folder("big-files");
    String what = "%,d lines, %,d MB".formatted(lines, Files.size(file) / 1_000_000);
    try (Provider provider = Provider.start(machine, folder);
        Caravan caravan = Caravan.serve(machine, folder, provider.variables())) {
      caravan.drop(file);
      double seconds = caravan.awaitReports(1, 1800);
      FileToFile.check(folder.resolve("outbox/results").resolve(file.getFileName().toString().replace(".jsonl", ".results.jsonl")), lines);
      Caravan.Heap heap = caravan.heap();
      rows.accept(Row.of("big files", what + ": time until every request has a result", Benchmark.seconds(seconds)));
      rows.accept(Row.aimed("big files", what + ": peak heap (largest after a collection: " + heap.live() + " MB)",
          heap.peak() + " MB", "256 MB carry it", heap.peak() <= 256));
      rows.accept(Row.of("big files", what + ": peak memory (%d MB anonymous)".formatted(caravan.child().memory().anonymous()),
          caravan.child().memory().toString()));
    }
    Machine.drop(folder);
  }
}
