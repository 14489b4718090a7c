package io.caravan.kill;

import java.util.Locale;
import net.bytebuddy.asm.Advice;

/** Observes the SQL of calls to the store. */
public final class SqlAdvice {
  private static final ThreadLocal<Boolean> WROTE = ThreadLocal.withInitial(() -> false);

  private SqlAdvice() {}

  /** Inlined where a statement is created. */
  @Advice.OnMethodExit
  public static void made(@Advice.Argument(1) String sql) {
    sees(sql);
  }

  /** Notes a write, unless the statement only reads. */
  public static void sees(String sql) {
    String first = sql.strip().toLowerCase(Locale.ROOT);
    if (!first.startsWith("select") && !first.startsWith("pragma")) {
      WROTE.set(true);
    }
  }

  /** Starts observing; returns whether the enclosing call has written so far. */
  static boolean startWatching() {
    boolean before = WROTE.get();
    WROTE.set(false);
    return before;
  }

  /** Whether anything was written since; a write also counts for the enclosing call. */
  static boolean stopWatching(boolean before) {
    boolean wrote = WROTE.get();
    WROTE.set(wrote || before);
    return wrote;
  }
}
