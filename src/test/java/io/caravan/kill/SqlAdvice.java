package io.caravan.kill;

import java.util.Locale;
import net.bytebuddy.asm.Advice;

/** Sees the SQL of the calls to the store. */
public final class SqlAdvice {
  private static final ThreadLocal<Boolean> WROTE = ThreadLocal.withInitial(() -> false);

  private SqlAdvice() {}

  /** Inlined where a statement is made. */
  @Advice.OnMethodExit
  public static void made(@Advice.Argument(1) String sql) {
    sees(sql);
  }

  /** What is not read only writes. */
  public static void sees(String sql) {
    String first = sql.strip().toLowerCase(Locale.ROOT);
    if (!first.startsWith("select") && !first.startsWith("pragma")) {
      WROTE.set(true);
    }
  }

  /** From here on; returns what a call around this one has done so far. */
  static boolean startWatching() {
    boolean before = WROTE.get();
    WROTE.set(false);
    return before;
  }

  /** Whether anything was written since; a call around it has written as well then. */
  static boolean stopWatching(boolean before) {
    boolean wrote = WROTE.get();
    WROTE.set(wrote || before);
    return wrote;
  }
}
