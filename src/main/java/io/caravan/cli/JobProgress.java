package io.caravan.cli;

import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far the requests are: a bar on a terminal, a line for each change elsewhere. */
interface JobProgress extends AutoCloseable {
  /** Set by the launcher, which knows: JDKs from 21 on disagree about what a console is. */
  String TERMINAL = "caravan.terminal";

  /** So many of so many requests have an answer. */
  void show(long done, long total);

  /** Something worth a line. */
  void say(String message);

  @Override
  void close();

  /** The kind that fits where the output goes. */
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
