package bench;

import java.util.function.Consumer;

/** Measures, and hands over a row as soon as it has one. */
interface Benchmark {
  void run(Machine machine, Consumer<Row> rows) throws Exception;

  static String seconds(double seconds) {
    return String.format(java.util.Locale.ROOT, "%.2f s", seconds);
  }
}
