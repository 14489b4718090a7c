package io.caravan.kill;

import java.io.File;
import net.bytebuddy.asm.Advice;

/** Wraps the renames of Camel's file component: inbox and outbox. */
public final class RenameAdvice {
  private RenameAdvice() {}

  /** Inlined at the beginning. */
  @Advice.OnMethodEnter
  public static void enter(@Advice.Argument(1) File target) {
    Renames.before(target.toPath());
  }

  /** Inlined at each return. */
  @Advice.OnMethodExit
  public static void exit(@Advice.Argument(1) File target) {
    Renames.after(target.toPath());
  }
}
