package bench;

import java.util.function.Consumer;

/** A benchmark; reports each row as soon as it is measured. */
interface Benchmark {
  void run(Machine machine, Consumer<Row> rows) throws Exception;

  static String seconds(double seconds) {
    return String.format(java.util.Locale.ROOT, "%.2f s", seconds);
  }
}
