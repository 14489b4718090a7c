package bench;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.function.Consumer;

/** Measures many batches in flight, each polled every thirty seconds. */
final class InFlight implements Benchmark {
  private static final String NAME = "in flight";
  private static final long BATCHES_A_FILE = 100;

  @Override
  public void run(Machine machine, Consumer<Row> rows) throws Exception {
    long files = machine.scaled(100);
    long batches = files * BATCHES_A_FILE;
    Path folder = machine.folder("in-flight");
    var variables = new HashMap<String, String>();
    try (Provider provider = Provider.start(machine, folder, "hold")) {
      variables.putAll(provider.variables());
      variables.put("CARAVAN_PROVIDERS_OPENAI_MAXREQUESTS", "1"); // one batch per line
      variables.put("CARAVAN_POLL_INITIAL", "30s");
      variables.put("CARAVAN_POLL_MAX", "30s");
      try (Caravan caravan = Caravan.serve(machine, folder, variables)) {
        SmallFiles.drop(machine, folder, files, BATCHES_A_FILE);
        double submitted = await(provider, "batches", batches, 3600);
        Thread.sleep(5_000);
        rows.accept(Row.of(NAME, "%,d files of %d lines, one batch per line: time until all batches exist".formatted(files, BATCHES_A_FILE), Benchmark.seconds(submitted)));
        waiting(caravan, provider, rows, batches);
        provider.complete();
        double all = await(provider, "noticed", batches, 600);
        rows.accept(Row.aimed(NAME, "time until the end of all batches is noticed (mean %.1f s)".formatted(provider.count("mean_millis") / 1000.0),
            Benchmark.seconds(all), "a poll's 30 s and jitter", all < 45));
        rows.accept(Row.of(NAME, "time from then until the last report", Benchmark.seconds(caravan.awaitReports(files, 3600))));
        rows.accept(Row.of(NAME, "peak memory of the whole run", caravan.child().memory().toString()));
      }
    }
    Machine.drop(folder);
  }

  private static void waiting(Caravan caravan, Provider provider, Consumer<Row> rows, long batches) throws Exception {
    long before = provider.count("polls");
    double cpu = caravan.child().cpuSeconds();
    long start = System.nanoTime();
    Thread.sleep(60_000);
    double seconds = (System.nanoTime() - start) / 1e9;
    double share = (caravan.child().cpuSeconds() - cpu) / seconds;
    double each = (provider.count("polls") - before) / seconds / batches * 30;
    long threads = caravan.child().threads();
    rows.accept(Row.aimed(NAME, "waiting: share of one core, with %.2f polls per batch in 30 s".formatted(each),
        String.format(Locale.ROOT, "%.1f %%", share * 100), "below 10 %", share < 0.1 && each > 0.8));
    rows.accept(Row.aimed(NAME, "waiting: threads", "" + threads, "not one per batch", threads < 200));
    long heap = caravan.heap().live();
    rows.accept(Row.aimed(NAME, "waiting: largest heap after a collection", heap + " MB", "below 256 MB", heap < 256));
  }

  private static double await(Provider provider, String count, long wanted, long seconds) throws Exception {
    long start = System.nanoTime();
    while (provider.count(count) < wanted) {
      if ((System.nanoTime() - start) / 1e9 > seconds) {
        throw new IllegalStateException("%d of %d %s after %d s".formatted(provider.count(count), wanted, count, seconds));
      }
      Thread.sleep(200);
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
