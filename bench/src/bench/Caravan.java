package bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Caravan as users start it, with a garbage collection log. */
final class Caravan implements AutoCloseable {
  private static final Pattern COLLECTED = Pattern.compile("Pause .* (\\d+)M->(\\d+)M\\(");
  private static final int LONGEST_START = 120_000;

  /** Heap in MB: the peak, and the peak after a collection. */
  record Heap(long peak, long live) {}

  private final Child child;
  private final Path folder;
  private final String url;

  private Caravan(Child child, Path folder, String url) {
    this.child = child;
    this.folder = folder;
    this.url = url;
  }

  /** {@code ./caravan run FILE}. */
  static Caravan run(Machine machine, Path folder, Map<String, String> variables, Path file) throws IOException {
    return start(machine, folder, variables, "", List.of("run", file.toString()));
  }

  /** Starts {@code ./caravan} and waits until it is ready. */
  static Caravan serve(Machine machine, Path folder, Map<String, String> variables) throws IOException, InterruptedException {
    int port = freePort();
    var all = new HashMap<>(variables);
    all.put("SERVER_PORT", "" + port);
    return start(machine, folder, all, "http://127.0.0.1:" + port, List.of()).awaitReady();
  }

  private static Caravan start(Machine machine, Path folder, Map<String, String> variables, String url, List<String> arguments)
      throws IOException {
    var all = new HashMap<>(variables);
    all.put("JAVA_HOME", System.getProperty("java.home"));
    all.merge("JAVA_OPTS", "-Xlog:gc:file=" + folder.resolve("gc.log"), (given, own) -> own + " " + given);
    var command = new ArrayList<>(List.of(machine.root().resolve("caravan").toString()));
    command.addAll(arguments);
    return new Caravan(Child.start(folder, all, command), folder, url);
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private Caravan awaitReady() throws IOException, InterruptedException {
    awaitReady(child, url);
    return this;
  }

  static void awaitReady(Child child, String url) throws InterruptedException {
    for (int i = 0; i < LONGEST_START / 10 && child.isAlive(); i++) {
      if (Provider.Http.status(url + "/actuator/health/readiness") == 200) {
        return;
      }
      Thread.sleep(10);
    }
    throw new IllegalStateException("Caravan did not become ready: " + child.output());
  }

  String url() {
    return url;
  }

  Child child() {
    return child;
  }

  /** Puts the file into the inbox atomically, as a link if possible. */
  void drop(Path file) throws IOException {
    Path inbox = Files.createDirectories(folder.resolve("inbox"));
    Path arriving = inbox.resolve("." + file.getFileName());
    Files.copy(file, arriving);
    Files.setLastModifiedTime(arriving, Files.getLastModifiedTime(file)); // as mv keeps it
    Files.move(arriving, inbox.resolve(file.getFileName()));
  }

  long reports() throws IOException {
    Path reports = folder.resolve("outbox/reports");
    if (!Files.exists(reports)) {
      return 0;
    }
    try (Stream<Path> all = Files.list(reports)) {
      return all.filter(each -> each.toString().endsWith(".report.json")).count();
    }
  }

  /** Waits for this many reports; returns the seconds since the call. */
  double awaitReports(long wanted, long seconds) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (reports() < wanted) {
      if ((System.nanoTime() - start) / 1e9 > seconds || !child.isAlive()) {
        throw new IllegalStateException("%d of %d reports after %d s; see %s".formatted(reports(), wanted, seconds, folder));
      }
      Thread.sleep(wanted > 1 ? 200 : 10);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** A metric, summed over its tags. */
  double metric(String beginning) throws IOException, InterruptedException {
    return Provider.Http.get(url + "/actuator/prometheus").lines()
        .filter(line -> line.startsWith(beginning))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  Heap heap() throws IOException {
    long peak = 0;
    long live = 0;
    Path log = folder.resolve("gc.log");
    for (String line : Files.exists(log) ? Files.readAllLines(log) : List.<String>of()) {
      Matcher found = COLLECTED.matcher(line);
      if (found.find()) {
        peak = Math.max(peak, Long.parseLong(found.group(1)));
        live = Math.max(live, Long.parseLong(found.group(2)));
      }
    }
    return new Heap(peak, live);
  }

  @Override
  public void close() {
    child.close();
  }
}
