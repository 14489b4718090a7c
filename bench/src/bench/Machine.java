package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Paths, and the tools and hardware of this machine. */
record Machine(Path root, Path classes, Path work, long seed, double scale) {
  static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

  long scaled(long size) {
    return Math.max(1, Math.round(size * scale));
  }

  /** Returns an empty folder. */
  Path folder(String name) throws IOException {
    Path folder = work.resolve(name);
    drop(folder);
    return Files.createDirectories(folder);
  }

  static void drop(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : (Iterable<Path>) all.sorted(java.util.Comparator.reverseOrder())::iterator) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  /** Generated files are kept for the next run with the same sizes. */
  Path requests(Generator.Kind kind, long lines, long bytes) throws IOException {
    Path file = work.resolve("input/%s-%d-%d-%d.jsonl".formatted(kind.name().toLowerCase(java.util.Locale.ROOT), lines, bytes, seed));
    if (!Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
      new Generator(seed).write(unfinished, kind, lines, bytes);
      Files.move(unfinished, file);
    }
    return file;
  }

  static Optional<String> find(String program) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  /** Installs the openai package on the first call; returns the reason if it is missing. */
  Optional<String> missingSdk() throws IOException, InterruptedException {
    return missing("openai");
  }

  /** Installs the packages that scripts use; says why one is missing. */
  Optional<String> missing(String name) throws IOException, InterruptedException {
    Path bench = root.resolve("bench");
    if (find("node").isEmpty()) {
      return Optional.of("node is not on the PATH");
    }
    if (Files.exists(bench.resolve("node_modules/%s/package.json".formatted(name)))) {
      return Optional.empty();
    }
    if (find("npm").isEmpty()) {
      return Optional.of("npm is not on the PATH");
    }
    try (Child npm = Child.start(work, Map.of(), List.of("npm", "ci", "--no-audit", "--no-fund", "--prefix", bench.toString()))) {
      npm.await(180);
      return Optional.empty();
    } catch (IllegalStateException e) {
      return Optional.of("the openai package could not be installed");
    }
  }

  /** A Python with a package, which the first call installs in {@code bench/work}. */
  Optional<String> pythonWith(String name) throws IOException, InterruptedException {
    Path python = work.resolve("venv/bin/python");
    if (!Files.isExecutable(python)) {
      Optional<String> system = find("python3");
      if (system.isEmpty() || !succeeds(List.of(system.get(), "-m", "venv", work.resolve("venv").toString()))) {
        return Optional.empty();
      }
    }
    boolean there = succeeds(List.of(python.toString(), "-c", "import " + name))
        || succeeds(List.of(python.toString(), "-m", "pip", "-q", "install", name));
    return there ? Optional.of(python.toString()) : Optional.empty();
  }

  private boolean succeeds(List<String> command) throws IOException, InterruptedException {
    try (Child child = Child.start(work, Map.of(), command)) {
      child.await(180);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** Describes the machine in one line. */
  String description() throws IOException {
    String cpu = "";
    String memory = "";
    if (Files.exists(Path.of("/proc/cpuinfo"))) {
      cpu = first("/proc/cpuinfo", "model name");
      memory = Long.parseLong(first("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1024 / 1024 + " GB";
    }
    return "%d cores, %s, %s, %s, Java %s".formatted(
        Runtime.getRuntime().availableProcessors(), cpu, memory, System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.version"));
  }

  private static String first(String file, String beginning) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> line.startsWith(beginning))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
