package bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A child process, measured while it runs and always ended by its id. */
final class Child implements AutoCloseable {
  private static final Set<Child> ALIVE = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(Child::close)));
  }

  /** Memory in MB: the peak, and the peak of anonymous memory; 0 without /proc. */
  record Memory(long peak, long anonymous) {
    @Override
    public String toString() {
      return peak == 0 ? "unknown" : peak + " MB";
    }
  }

  private final Process process;
  private final Path output;
  private final long started = System.nanoTime();
  private volatile long ended;
  private volatile long peak;
  private volatile long anonymous;
  private volatile double cpu;

  private Child(Process process, Path output) {
    this.process = process;
    this.output = output;
    ALIVE.add(this);
    Thread.ofVirtual().start(this::look);
  }

  /** Starts it in the folder, with output to a file there and only the given variables of Caravan. */
  static Child start(Path folder, Map<String, String> variables, List<String> command) throws IOException {
    Files.createDirectories(folder);
    Path output = Files.createTempFile(folder, "output-", ".txt");
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("(CARAVAN|OPENAI|SERVER|SPRING|JAVA_OPTS|JAVA_TOOL).*"));
    builder.environment().putAll(variables);
    return new Child(builder.start(), output);
  }

  private void look() {
    while (process.isAlive()) {
      sample();
      try {
        if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        return;
      }
    }
    ended = System.nanoTime();
    ALIVE.remove(this);
  }

  private void sample() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
        if (line.startsWith("VmHWM:")) {
          peak = Math.max(peak, kilobytes(line));
        } else if (line.startsWith("RssAnon:")) {
          anonymous = Math.max(anonymous, kilobytes(line));
        }
      }
      cpu = cpuSeconds();
    } catch (IOException e) {
      // the process has ended, or this is not Linux
    }
  }

  private static long kilobytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", ""));
  }

  /** Resident memory now, in MB. */
  long residentMegabytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(Child::kilobytes)
        .sum() / 1024;
  }

  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0; // USER_HZ is 100 everywhere
  }

  /** CPU seconds up to the last measurement. */
  double cpuSoFar() {
    return cpu;
  }

  long threads() throws IOException {
    try (var tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      return tasks.count();
    }
  }

  Memory memory() {
    sample();
    return new Memory(peak / 1024, anonymous / 1024);
  }

  /** Waits for exit code 0; returns the seconds since the start. */
  double await(long seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      close();
      throw new IllegalStateException("still running after " + seconds + " s: " + output());
    }
    long end = System.nanoTime();
    if (process.exitValue() != 0) {
      throw new IllegalStateException("ended with " + process.exitValue() + ": " + output());
    }
    return ((ended == 0 ? end : Math.min(end, ended)) - started) / 1e9;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  long started() {
    return started;
  }

  String output() {
    try {
      return Files.readString(output).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Terminates it, and kills it after ten seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
    ALIVE.remove(this);
  }
}
