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

/** Compares batches of the embedded server, with an upstream that answers immediately, with typical scripts. */
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
      var others = new ArrayList<Other>();
      add(others, "wrk", load, 0.6);
      add(others, "the cookbook's asyncio script", cookbook(machine, folder, url, fewer, rows), 5);
      add(others, "asyncio with AsyncOpenAI", asyncOpenAi(machine, folder, url, fewer, rows), 5);
      add(others, "bare asyncio with aiohttp", bare(machine, folder, url, requests, rows), 5);
      add(others, "the loop for Node", sdk(machine, node.get(), folder, url, fewer, rows), 10);
      caravan(machine, folder, url, requests, others, rows);
    }
  }

  /** A script or tool that Caravan is compared with. */
  private record Other(String name, Rate rate, double aim) {}

  private static void add(List<Other> others, String name, Rate rate, double aim) {
    if (rate != null) {
      others.add(new Other(name, rate, aim));
    }
  }

  /** Requests per second, and the client's CPU per request; null if not measurable. */
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
    throw new IllegalStateException("the upstream did not start: " + upstream.output());
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
    rows.accept(Row.of(NAME, "wrk, %d in flight, the same request repeated".formatted(IN_FLIGHT), best.toString()));
    return best;
  }

  private static Rate cookbook(Machine machine, Path folder, String url, Path requests, Consumer<Row> rows) throws Exception {
    return python(machine, "aiohttp", "asyncio script as in OpenAI's cookbook", machine.scaled(10_000), folder, Map.of(),
        List.of("cookbook.py", url, requests.toString(), folder.resolve("cookbook.jsonl").toString()), rows);
  }

  private static Rate asyncOpenAi(Machine machine, Path folder, String url, Path requests, Consumer<Row> rows) throws Exception {
    return python(machine, "openai", "asyncio with AsyncOpenAI and a semaphore", machine.scaled(10_000), folder, sdkOf(url),
        List.of("async-openai.py", "" + IN_FLIGHT, requests.toString(), folder.resolve("async-openai.jsonl").toString()), rows);
  }

  private static Rate bare(Machine machine, Path folder, String url, Path requests, Consumer<Row> rows) throws Exception {
    return python(machine, "aiohttp", "bare asyncio (aiohttp)", machine.scaled(50_000), folder, Map.of(),
        List.of("parallel.py", url, "" + IN_FLIGHT, requests.toString(), folder.resolve("script.jsonl").toString()), rows);
  }

  private static Rate python(Machine machine, String needed, String what, long requests, Path folder, Map<String, String> variables,
      List<String> script, Consumer<Row> rows) throws Exception {
    Optional<String> python = machine.pythonWith(needed);
    if (python.isEmpty()) {
      rows.accept(Row.skipped(NAME, what, "python3 with %s is not available".formatted(needed)));
      return null;
    }
    var command = new ArrayList<>(List.of(python.get(), machine.root().resolve("bench").resolve(script.getFirst()).toString()));
    command.addAll(script.subList(1, script.size()));
    return other(what, requests, folder, variables, command, rows);
  }

  private static Map<String, String> sdkOf(String url) {
    return Map.of("OPENAI_BASE_URL", url, "OPENAI_API_KEY", "sk-bench");
  }

  private static Rate sdk(Machine machine, String node, Path folder, String url, Path requests, Consumer<Row> rows) throws Exception {
    Optional<String> missing = machine.missingSdk();
    if (missing.isPresent()) {
      rows.accept(Row.skipped(NAME, "loop with the openai package for Node", missing.get()));
      return null;
    }
    var command = List.of(node, machine.root().resolve("bench/sdk-loop.mjs").toString(), "" + IN_FLIGHT, requests.toString(),
        folder.resolve("sdk.jsonl").toString());
    return other("loop with the openai package for Node", machine.scaled(10_000), folder, sdkOf(url), command, rows);
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
      Machine machine, Path folder, String url, Path requests, List<Other> others, Consumer<Row> rows) throws Exception {
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
      tell("first batch of %,d".formatted(count), rates.getFirst(), others, rows);
      tell("fourth batch of %,d".formatted(count), rates.getLast(), others, rows);
      long heap = caravan.heap().peak();
      rows.accept(Row.aimed(NAME, "peak heap; memory", heap + " MB; " + caravan.child().memory(), "below 300 MB of heap", heap < 300));
    }
  }

  /** From the create to {@code completed}: check, answers, writing and publishing. */
  private static void tell(String what, Rate own, List<Other> others, Consumer<Row> rows) {
    rows.accept(Row.of(NAME, what, own.toString()));
    for (Other other : others) {
      double ratio = own.perSecond / other.rate.perSecond;
      String aim = "at least " + (other.aim < 1 ? other.aim : (int) other.aim);
      rows.accept(Row.compared(NAME, what + " against " + other.name, "%,.0f/s".formatted(own.perSecond),
          "%,.0f/s".formatted(other.rate.perSecond), ratio, aim, ratio >= other.aim));
    }
  }
}
