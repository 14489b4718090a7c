package bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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
import java.util.stream.Stream;

/** Compares the queue with pg-boss behind Node's HTTP server: the same PostgreSQL, both with durable commits. */
final class Queue implements Benchmark {
  private static final String NAME = "queue";
  private static final int CLIENTS = 32;
  private static final int SECONDS = 8;
  private static final int ROUNDS = 3;
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");
  private static final Pattern BAD = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

  private final HttpClient http = HttpClient.newHttpClient();

  @Override
  public void run(Machine machine, Consumer<Row> rows) throws Exception {
    Optional<String> wrk = Machine.find("wrk");
    if (wrk.isEmpty()) {
      rows.accept(Row.skipped(NAME, "the load", "wrk is not on the PATH"));
      return;
    }
    Path folder = machine.folder("queue");
    withoutLimits(machine.root().resolve("routes"), folder.resolve("routes"));
    Path single = Files.writeString(folder.resolve("single.lua"), script(350));
    Path lines = lines(folder.resolve("bulk.jsonl"), machine.scaled(100_000));
    try (Child database = Child.start(folder, Map.of(), postgres())) {
      String address = "127.0.0.1:%d/postgres".formatted(number(database));
      var variables =
          Map.of(
              "CARAVAN_DATABASE_URL", "jdbc:postgresql://" + address,
              "CARAVAN_DATABASE_USERNAME", "postgres",
              "CARAVAN_PROVIDER", "openai",
              "OPENAI_API_KEY", "none",
              "OPENAI_BASE_URL", "http://127.0.0.1:9/v1",
              "JAVA_OPTS", "-Xmx256m");
      try (Caravan caravan = Caravan.serve(machine, folder, variables);
          Child door = door(machine, folder, "postgres://postgres@" + address, rows)) {
        String other = door == null ? null : "http://127.0.0.1:" + number(door);
        singles(wrk.get(), single, caravan.url(), other, rows);
        bulk(lines, machine.scaled(100_000), caravan.url(), other, rows);
        many(lines, machine, caravan, rows);
        job(caravan, rows);
      }
    }
  }

  /** The shipped routes, but for a queue that makes jobs only when asked. */
  private static void withoutLimits(Path shipped, Path copy) throws Exception {
    try (Stream<Path> files = Files.walk(shipped)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(shipped.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.writeString(to, Files.readString(file)
            .replace("maxRequests: \"50000\"", "maxRequests: \"50000000\"")
            .replace("maxBytes: 100MB", "maxBytes: 100GB")
            .replace("maxAge: 15m", "maxAge: 10h"));
      }
    }
  }

  private static List<String> postgres() {
    return List.of(
        System.getProperty("java.home") + "/bin/java",
        "-cp",
        System.getProperty("java.class.path"),
        Postgres.class.getName());
  }

  private Child door(Machine machine, Path folder, String url, Consumer<Row> rows) throws Exception {
    Optional<String> missing = machine.missing("pg-boss");
    if (missing.isPresent()) {
      rows.accept(Row.skipped(NAME, "pg-boss behind Node's HTTP server", missing.get()));
      return null;
    }
    return Child.start(folder, Map.of(), List.of("node", machine.root().resolve("bench/pg-boss-door.mjs").toString(), url));
  }

  private static int number(Child child) throws InterruptedException {
    for (int i = 0; i < 600 && child.isAlive(); i++) {
      Optional<String> number = child.output().lines().filter(line -> line.matches("\\d+")).findFirst();
      if (number.isPresent()) {
        return Integer.parseInt(number.get());
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("no port: " + child.output());
  }

  private static String order(String content) {
    return "{\"job_type\":\"bench\",\"data\":{\"model\":\"gpt-4.1-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}"
        .formatted(content);
  }

  private static String script(int bytes) {
    return """
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/json"
        wrk.body = '%s'
        """.formatted(order("x".repeat(bytes)));
  }

  private static Path lines(Path file, long requests) throws Exception {
    try (var out = Files.newBufferedWriter(file)) {
      for (long i = 0; i < requests; i++) {
        out.write(order("request %d %s".formatted(i, "x".repeat(340))));
        out.newLine();
      }
    }
    return file;
  }

  /** Alternately, the best of several rounds each. */
  private static void singles(String wrk, Path script, String url, String other, Consumer<Row> rows) throws Exception {
    double ours = 0;
    double theirs = 0;
    for (int round = 0; round < ROUNDS; round++) {
      ours = Math.max(ours, rate(wrk, script, url + "/batch/queue"));
      theirs = other == null ? 0 : Math.max(theirs, rate(wrk, script, other + "/queue"));
    }
    String what = "single posts, %d clients".formatted(CLIENTS);
    String value = perSecond(ours);
    if (other == null) {
      rows.accept(Row.of(NAME, what, value));
    } else {
      rows.accept(Row.compared(NAME, what, value, "pg-boss: " + perSecond(theirs), ours / theirs, "1 or more", ours >= theirs));
    }
  }

  private static double rate(String wrk, Path script, String url) throws Exception {
    var command = List.of(wrk, "-t1", "-c" + CLIENTS, "-d" + SECONDS + "s", "-s", script.toString(), url);
    try (Child child = Child.start(script.getParent(), Map.of(), command)) {
      child.await(60);
      Matcher rate = RATE.matcher(child.output());
      if (!rate.find() || BAD.matcher(child.output()).find()) {
        throw new IllegalStateException(url + ": " + child.output());
      }
      return Double.parseDouble(rate.group(1));
    }
  }

  private static String perSecond(double rate) {
    return String.format(Locale.ROOT, "%,.0f/s", rate);
  }

  private void bulk(Path lines, long requests, String url, String other, Consumer<Row> rows) throws Exception {
    double ours = 0;
    double theirs = 0;
    for (int round = 0; round < ROUNDS; round++) {
      ours = Math.max(ours, requests / post(url + "/batch/queue/bulk", lines));
      theirs = other == null ? 0 : Math.max(theirs, requests / post(other + "/bulk", lines));
    }
    String what = "bulk, %,d requests in a call".formatted(requests);
    if (other == null) {
      rows.accept(Row.of(NAME, what, perSecond(ours)));
    } else {
      rows.accept(Row.compared(NAME, what, perSecond(ours), "pg-boss: " + perSecond(theirs), ours / theirs, "2 or more", ours >= 2 * theirs));
    }
  }

  private double post(String url, Path lines) throws Exception {
    long start = System.nanoTime();
    HttpResponse<String> answer = http.send(
        HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "application/x-ndjson").POST(BodyPublishers.ofFile(lines)).build(),
        BodyHandlers.ofString());
    if (answer.statusCode() != 202) {
      throw new IllegalStateException(url + ": " + answer.body());
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** Fills the queue; then its status must be quick. */
  private void many(Path lines, Machine machine, Caravan caravan, Consumer<Row> rows) throws Exception {
    long wanted = machine.scaled(1_000_000);
    while (queued(caravan) < wanted) {
      post(caravan.url() + "/batch/queue/bulk", lines);
    }
    var times = new ArrayList<Double>();
    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      queued(caravan);
      times.add((System.nanoTime() - start) / 1e6);
    }
    times.sort(null);
    double median = times.get(times.size() / 2);
    rows.accept(Row.aimed(NAME, "status with %,d queued requests, -Xmx256m".formatted(queued(caravan)),
        String.format(Locale.ROOT, "%.0f ms", median), "below 100 ms", median < 100));
    rows.accept(Row.of(NAME, "heap", caravan.heap().toString()));
  }

  private long queued(Caravan caravan) throws Exception {
    String status = http.send(HttpRequest.newBuilder(URI.create(caravan.url() + "/batch/queue/status")).build(), BodyHandlers.ofString()).body();
    Matcher queued = Pattern.compile("\"queued\":(\\d+)").matcher(status);
    if (!queued.find()) {
      throw new IllegalStateException(status);
    }
    return Long.parseLong(queued.group(1));
  }

  private void job(Caravan caravan, Consumer<Row> rows) throws Exception {
    long start = System.nanoTime();
    HttpResponse<String> answer = http.send(
        HttpRequest.newBuilder(URI.create(caravan.url() + "/batch/process"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"max_jobs\":50000}"))
            .build(),
        BodyHandlers.ofString());
    double seconds = (System.nanoTime() - start) / 1e9;
    if (answer.statusCode() != 202 || !answer.body().contains("\"requests\":50000")) {
      throw new IllegalStateException(answer.body());
    }
    rows.accept(Row.aimed(NAME, "50,000 requests become a job", String.format(Locale.ROOT, "%.1f s", seconds), "within 10 s", seconds <= 10));
  }
}
