package bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Measures the time until a service is ready, for each way to start it. */
final class StartUp implements Benchmark {
  private static final int ROUNDS = 3;
  private static final String NAME = "start-up";
  private static final String LAUNCHER = "the launcher";

  private record Took(double seconds, double cpu, long idle) {}

  @Override
  public void run(Machine machine, Consumer<Row> rows) throws Exception {
    Path folder = machine.folder("start-up");
    try (Child prepare = Child.start(folder, Map.of("JAVA_HOME", System.getProperty("java.home")), List.of(machine.root().resolve("caravan").toString(), "prepare"))) {
      prepare.await(600);
    }
    start(machine, folder, List.of(machine.root().resolve("caravan").toString())); // before JDK 25 this start writes the class archive
    var took = new LinkedHashMap<String, List<Took>>();
    for (int round = 0; round < ROUNDS; round++) {
      for (var way : ways(machine, folder).entrySet()) {
        took.computeIfAbsent(way.getKey(), name -> new ArrayList<>()).add(start(machine, folder, way.getValue()));
      }
    }
    double plain = median(took.get("plain jar"), 0);
    took.forEach((way, all) -> {
      double ready = median(all, 0);
      String what = way + ": ready after (CPU " + Benchmark.seconds(median(all, 1)) + ", idle memory %.0f MB)".formatted(median(all, 2));
      boolean product = way.equals(LAUNCHER);
      rows.accept(Row.compared(NAME, what, Benchmark.seconds(ready), Benchmark.seconds(plain), ready / plain, product ? "within 3 s" : "", ready <= 3));
    });
  }

  private static Map<String, List<String>> ways(Machine machine, Path folder) throws Exception {
    Path target = machine.root().resolve("target");
    String app = target.resolve("app/caravan.jar").toString();
    var ways = new LinkedHashMap<String, List<String>>();
    ways.put("plain jar", java(target.resolve("caravan.jar").toString()));
    ways.put("unpacked jar", java(app));
    Path archive = folder.resolve("classes.jsa");
    if (!Files.exists(archive)) {
      start(machine, folder, java(app, "-XX:ArchiveClassesAtExit=" + archive));
    }
    ways.put("unpacked jar with a class archive", java(app, "-XX:SharedArchiveFile=" + archive));
    if (Runtime.version().feature() >= 25) {
      Path cache = folder.resolve("classes.aot");
      if (!Files.exists(cache)) {
        start(machine, folder, java(app, "-XX:AOTCacheOutput=" + cache));
      }
      ways.put("unpacked jar with an AOT cache", java(app, "-XX:AOTCache=" + cache));
    }
    ways.put(LAUNCHER, List.of(machine.root().resolve("caravan").toString()));
    return ways;
  }

  private static List<String> java(String jar, String... options) {
    var command = new ArrayList<>(List.of(Machine.JAVA, "-Xmx256m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(Arrays.asList(options));
    command.addAll(List.of("-jar", jar));
    return command;
  }

  private static Took start(Machine machine, Path folder, List<String> command) throws Exception {
    int port = Caravan.freePort();
    var variables = Map.of("SERVER_PORT", "" + port, "CARAVAN_ROUTES", machine.root().resolve("routes").toString(),
        "JAVA_HOME", System.getProperty("java.home"));
    try (Child child = Child.start(folder.resolve("work"), variables, command)) {
      Caravan.awaitReady(child, "http://127.0.0.1:" + port);
      double seconds = (System.nanoTime() - child.started()) / 1e9;
      double cpu = child.cpuSeconds();
      Thread.sleep(3_000);
      return new Took(seconds, cpu, child.residentMegabytes());
    }
  }

  private static double median(List<Took> all, int which) {
    double[] sorted = all.stream().mapToDouble(each -> which == 0 ? each.seconds : which == 1 ? each.cpu : each.idle).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
