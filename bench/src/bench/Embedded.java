package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Batches of the embedded server at an upstream that answers at once, beside what people write themselves. */
final class Embedded implements Benchmark {
  private static final String NAME = "embedded server";
  private static final int IN_FLIGHT = 32;
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");

  @Override
  public void run(Machine machine, Consumer<Row> rows) throws Exception {
    Optional<String> node = Machine.find("node");
    if (node.isEmpty()) {
      rows.accept(Row.skipped(NAME, "the upstream", "node is not on the PATH"));
      return;
    }
    Path folder = machine.folder("embedded");
    Path requests = machine.requests(Generator.Kind.CHAT, machine.scaled(50_000), machine.scaled(25_000_000));
    Path fewer = machine.requests(Generator.Kind.CHAT, machine.scaled(10_000), machine.scaled(5_000_000));
    try (Child upstream = Child.start(folder, Map.of(), List.of(node.get(), machine.root().resolve("bench/instant-upstream.mjs").toString()))) {
      String url = "http://127.0.0.1:%d/v1".formatted(port(upstream));
      Rate load = load(machine, folder, url, rows);
      Rate script = script(machine, folder, url, requests, rows);
      Rate sdk = sdk(machine, node.get(), folder, url, fewer, rows);
      caravan(machine, folder, url, requests, load, script, sdk, rows);
    }
  }

  /** Requests each second, and CPU of the client for one; null where it could not be measured. */
  private record Rate(double perSecond, double microseconds) {
    static Rate of(long requests, double seconds, double cpuSeconds) {
      return new Rate(requests / seconds, cpuSeconds * 1e6 / requests);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%,.0f/s, %.0f µs of CPU each", perSecond, microseconds);
    }
  }

  private static int port(Child upstream) throws InterruptedException {
    for (int i = 0; i < 200 && upstream.isAlive(); i++) {
      if (upstream.output().matches("\\d+")) {
        return Integer.parseInt(upstream.output());
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("the upstream does not start: " + upstream.output());
  }

  private static Rate load(Machine machine, Path folder, String url, Consumer<Row> rows) throws Exception {
    Optional<String> wrk = Machine.find("wrk");
    if (wrk.isEmpty()) {
      rows.accept(Row.skipped(NAME, "wrk", "wrk is not on the PATH"));
      return null;
    }
    Path script = Files.writeString(folder.resolve("post.lua"), """
        wrk.method = "POST"
        wrk.body = '{"model": "m", "messages": [{"role": "user", "content": "%s"}]}'
        wrk.headers["Content-Type"] = "application/json"
        """.formatted("x".repeat(350)));
    var command = List.of(wrk.get(), "-t1", "-c" + IN_FLIGHT, "-d5s", "-s", script.toString(), url + "/chat/completions");
    Rate best = null;
    for (int round = 0; round < 2; round++) { // the upstream gets warm in the first
      try (Child child = Child.start(folder, Map.of(), command)) {
        child.await(30);
        Matcher rate = RATE.matcher(child.output());
        if (!rate.find()) {
          throw new IllegalStateException(child.output());
        }
        double perSecond = Double.parseDouble(rate.group(1));
        best = new Rate(perSecond, child.cpuSoFar() * 1e6 / (perSecond * 5));
      }
    }
    rows.accept(Row.of(NAME, "wrk, %d in flight, the same request again and again".formatted(IN_FLIGHT), best.toString()));
    return best;
  }

  private static Rate script(Machine machine, Path folder, String url, Path requests, Consumer<Row> rows) throws Exception {
    Optional<String> python = machine.pythonWith("aiohttp");
    if (python.isEmpty()) {
      rows.accept(Row.skipped(NAME, "asyncio script", "python3 with aiohttp is not to be had"));
      return null;
    }
    var command = List.of(python.get(), machine.root().resolve("bench/parallel.py").toString(), url, "" + IN_FLIGHT, requests.toString(),
        folder.resolve("script.jsonl").toString());
    return other("asyncio script (aiohttp)", machine.scaled(50_000), folder, Map.of(), command, rows);
  }

  private static Rate sdk(Machine machine, String node, Path folder, String url, Path requests, Consumer<Row> rows) throws Exception {
    Optional<String> missing = machine.missingSdk();
    if (missing.isPresent()) {
      rows.accept(Row.skipped(NAME, "loop with the openai package for Node", missing.get()));
      return null;
    }
    var command = List.of(node, machine.root().resolve("bench/sdk-loop.mjs").toString(), "" + IN_FLIGHT, requests.toString(),
        folder.resolve("sdk.jsonl").toString());
    return other("loop with the openai package for Node", machine.scaled(10_000), folder,
        Map.of("OPENAI_BASE_URL", url, "OPENAI_API_KEY", "sk-bench"), command, rows);
  }

  private static Rate other(
      String what, long requests, Path folder, Map<String, String> variables, List<String> command, Consumer<Row> rows) throws Exception {
    try (Child child = Child.start(folder, variables, command)) {
      child.await(600);
      Rate rate = Rate.of(requests, Double.parseDouble(child.output()), child.cpuSoFar());
      rows.accept(Row.of(NAME, "%s, %d in flight, %,d requests".formatted(what, IN_FLIGHT, requests), rate.toString()));
      return rate;
    }
  }

  private static void caravan(
      Machine machine, Path folder, String url, Path requests, Rate load, Rate script, Rate sdk, Consumer<Row> rows) throws Exception {
    long count = machine.scaled(50_000);
    var variables = Map.of("CARAVAN_UPSTREAM_URL", url, "CARAVAN_UPSTREAM_MAX_CONCURRENCY", "" + IN_FLIGHT);
    try (Caravan caravan = Caravan.serve(machine, Files.createDirectories(folder.resolve("caravan")), variables)) {
      var client = new BatchClient(caravan.url() + "/v1");
      List<Rate> rates = new ArrayList<>();
      for (int round = 0; round < 4; round++) {
        double before = caravan.child().cpuSeconds();
        double seconds = client.seconds(requests, folder.resolve("answers.jsonl"));
        FileToFile.check(folder.resolve("answers.jsonl"), count);
        rates.add(Rate.of(count, seconds, caravan.child().cpuSeconds() - before));
      }
      tell("first batch of %,d".formatted(count), rates.getFirst(), load, script, sdk, rows);
      tell("fourth batch of %,d".formatted(count), rates.getLast(), load, script, sdk, rows);
      long heap = caravan.heap().peak();
      rows.accept(Row.aimed(NAME, "peak heap; memory", heap + " MB; " + caravan.child().memory(), "below 300 MB of heap", heap < 300));
    }
  }

  /** From the create to {@code completed}: checked, answered, written and published. */
  private static void tell(String what, Rate own, Rate load, Rate script, Rate sdk, Consumer<Row> rows) {
    rows.accept(Row.of(NAME, what, own.toString()));
    compare(what + " against wrk", own, load, 0.6, rows);
    compare(what + " against the asyncio script", own, script, 5, rows);
    compare(what + " against the loop for Node", own, sdk, 10, rows);
  }

  private static void compare(String what, Rate own, Rate other, double aim, Consumer<Row> rows) {
    if (other != null) {
      double ratio = own.perSecond / other.perSecond;
      rows.accept(Row.compared(NAME, what, "%,.0f/s".formatted(own.perSecond), "%,.0f/s".formatted(other.perSecond), ratio,
          "at least " + (aim < 1 ? aim : (int) aim), ratio >= aim));
    }
  }
}
