package bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Measures the structures that grow with the requests, at twenty million. */
final class Growth implements Benchmark {
  private static final String MAIN = "io.caravan.jsonl.split.GrowthBenchmark";

  @Override
  public void run(Machine machine, Consumer<Row> rows) throws Exception {
    Path tests = machine.root().resolve("target/test-classes");
    if (!Files.exists(tests.resolve(MAIN.replace('.', '/') + ".class"))) {
      rows.accept(Row.skipped("growth", "20 million requests", MAIN + " is not built"));
      return;
    }
    Path folder = machine.folder("growth");
    String app = machine.root().resolve("target/app").toString();
    var command = List.of(Machine.JAVA, "-Xmx1g", "-XX:+UseSerialGC", "-cp", tests + ":" + app + "/caravan.jar:" + app + "/jars/*",
        MAIN, "" + machine.scaled(20_000_000), folder.toString());
    try (Child child = Child.start(folder, Map.of(), command)) {
      double seconds = child.await(1800);
      child.output().lines().forEach(line -> rows.accept(Row.of("growth", "", line)));
      rows.accept(Row.aimed("growth", "%,d requests with 1 GB of heap; time %s".formatted(machine.scaled(20_000_000), Benchmark.seconds(seconds)),
          child.memory().toString(), "1 GB of heap is enough", true));
    }
    Machine.drop(folder);
  }
}
