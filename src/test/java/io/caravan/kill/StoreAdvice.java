package io.caravan.kill;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Collection;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/** Wraps each method of the store; methods that write are detected by their SQL. */
public final class StoreAdvice {
  private StoreAdvice() {}

  /** Inlined at the beginning. */
  @Advice.OnMethodEnter
  public static Object enter(
      @Advice.Origin Method method, @Advice.AllArguments Object[] arguments) {
    return new Call(method, arguments);
  }

  /** Inlined at each return. */
  @Advice.OnMethodExit
  public static void exit(
      @Advice.Enter Object call,
      @Advice.Return(typing = Assigner.Typing.DYNAMIC) @Nullable Object result) {
    ((Call) call).returns(result);
  }

  /** One call, named after its method and row. */
  public static final class Call {
    private final String method;
    private final String name;
    private final String subject;
    private final boolean wroteBefore = SqlAdvice.startWatching();

    /** Names the call after the row among its arguments. */
    public Call(Method method, Object[] arguments) {
      this.method = method.getName();
      Object row = null;
      Object change = null;
      var words = new ArrayList<String>();
      for (int i = 0; i < arguments.length; i++) {
        Object argument = arguments[i];
        row = row == null && Rows.isRow(argument) ? argument : row;
        change = argument instanceof java.util.function.Consumer ? argument : change;
        if (isWord(method.getParameters()[i], argument)) {
          words.add("" + argument);
        }
      }
      words.addFirst(row == null ? "" : Rows.name(row, change));
      name = (this.method + " " + String.join(" ", words).strip()).strip();
      subject = row == null ? jobAmong(method, arguments) : Rows.job(row);
      if (Boundaries.isArmed("before", name, subject)) {
        Boundaries.before(name, subject);
      }
    }

    private static boolean isWord(Parameter parameter, @Nullable Object argument) {
      return argument instanceof Enum
          || (argument instanceof String && parameter.getName().matches("kind|status|verb|step"));
    }

    private static String jobAmong(Method method, Object[] arguments) {
      for (int i = 0; i < arguments.length; i++) {
        if (method.getParameters()[i].getName().equals("jobId")) {
          return "" + arguments[i];
        }
      }
      return "";
    }

    /** Records the boundary; a claim is recorded once for each claimed row. */
    public void returns(@Nullable Object result) {
      if (SqlAdvice.stopWatching(wroteBefore)) {
        if (result instanceof Collection<?> rows
            && subject.isEmpty()
            && (rows.isEmpty() || rows.stream().anyMatch(Rows::isRow))) {
          rows.stream().filter(Rows::isRow).forEach(this::got);
        } else {
          Boundaries.before(name, subject);
          Boundaries.after(name, subject);
        }
      }
    }

    private void got(Object row) {
      Boundaries.after(method + " " + Rows.name(row), Rows.job(row));
    }
  }
}
