package io.caravan.cli;

import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows the progress of requests: a bar on a terminal, a line for each change elsewhere. */
interface JobProgress extends AutoCloseable {
  /**
   * The system property that the launcher sets on a terminal; JDKs since 21 detect consoles
   * differently.
   */
  String TERMINAL = "caravan.terminal";

  /** Shows that {@code done} of {@code total} requests have an answer. */
  void show(long done, long total);

  /** Prints a message. */
  void say(String message);

  @Override
  void close();

  /** Creates the kind that fits the output. */
  static JobProgress on(PrintWriter out) {
    return Boolean.getBoolean(TERMINAL) ? new Bar(out) : new Lines(out);
  }

  /** For a terminal. */
  final class Bar implements JobProgress {
    private final PrintWriter out;
    private @Nullable ProgressBar bar;

    Bar(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void show(long done, long total) {
      if (bar == null && total > 0) {
        bar =
            new ProgressBarBuilder()
                .setTaskName("requests")
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(100)
                .build();
      }
      if (bar != null) {
        bar.maxHint(total).stepTo(done);
      }
    }

    @Override
    public void say(String message) {
      out.println();
      out.println(message);
      out.flush();
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }

  /** For a pipe or a file. */
  final class Lines implements JobProgress {
    private final PrintWriter out;
    private long shown = -1;

    Lines(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void show(long done, long total) {
      if (total > 0 && done != shown) {
        shown = done;
        say("requests %d of %d (%d %%)".formatted(done, total, 100 * done / total));
      }
    }

    @Override
    public void say(String message) {
      out.println(message);
      out.flush();
    }

    @Override
    public void close() {}
  }
}
