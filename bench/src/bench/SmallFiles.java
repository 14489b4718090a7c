package bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Measures many small files dropped at once. */
final class SmallFiles implements Benchmark {
  private static final String NAME = "small files";

  @Override
  public void run(Machine machine, Consumer<Row> rows) throws Exception {
    long files = machine.scaled(10_000);
    Path folder = machine.folder("small-files");
    try (Provider provider = Provider.start(machine, folder);
        Caravan caravan = Caravan.serve(machine, folder, provider.variables())) {
      drop(machine, folder, files, 1);
      long start = System.nanoTime();
      double left = awaitEmptyInbox(folder, start);
      caravan.awaitReports(files, 3600);
      double all = (System.nanoTime() - start) / 1e9;
      rows.accept(Row.of(NAME, "%,d files: time until the inbox is empty".formatted(files), Benchmark.seconds(left)));
      rows.accept(Row.of(NAME, "%,d files: time until the last report".formatted(files), Benchmark.seconds(all)));
      rows.accept(Row.of(NAME, "files a second, and CPU for each", "%.0f, %.1f ms".formatted(files / all, caravan.child().cpuSoFar() * 1000 / files)));
      rows.accept(Row.of(NAME, "peak memory, largest heap after a collection", caravan.child().memory() + ", " + caravan.heap().live() + " MB"));
    }
    Machine.drop(folder);
  }

  /** Writes files with different contents and moves them into the inbox together. */
  static void drop(Machine machine, Path folder, long files, long linesEach) throws Exception {
    Path lines = machine.requests(Generator.Kind.CHAT, files * linesEach, files * linesEach * 900);
    Path arriving = Files.createDirectories(folder.resolve("arriving"));
    Path inbox = Files.createDirectories(folder.resolve("inbox"));
    try (var all = Files.newBufferedReader(lines)) {
      for (int number = 1; number <= files; number++) {
        var content = new StringBuilder();
        for (long line = 0; line < linesEach; line++) {
          content.append(all.readLine()).append('\n');
        }
        Path file = Files.writeString(arriving.resolve("small-%05d.jsonl".formatted(number)), content);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
      }
    }
    try (Stream<Path> all = Files.list(arriving)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        Files.move(file, inbox.resolve(file.getFileName()));
      }
    }
  }

  private static double awaitEmptyInbox(Path folder, long start) throws Exception {
    for (int i = 0; i < 36_000; i++) {
      try (Stream<Path> all = Files.list(folder.resolve("inbox"))) {
        if (all.noneMatch(file -> file.toString().endsWith(".jsonl"))) {
          break;
        }
      }
      Thread.sleep(100);
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
