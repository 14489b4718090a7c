package io.caravan.kill;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.isDeclaredBy;
import static net.bytebuddy.matcher.ElementMatchers.isEquals;
import static net.bytebuddy.matcher.ElementMatchers.isHashCode;
import static net.bytebuddy.matcher.ElementMatchers.isMethod;
import static net.bytebuddy.matcher.ElementMatchers.isPublic;
import static net.bytebuddy.matcher.ElementMatchers.isStatic;
import static net.bytebuddy.matcher.ElementMatchers.isToString;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.namedOneOf;
import static net.bytebuddy.matcher.ElementMatchers.not;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.asm.MemberSubstitution;

/**
 * Weaves boundaries into the application, which has no hook for it: the writes of its store, its
 * calls to providers, and its renames.
 */
public final class KillAgent {
  private static final List<String> STORES =
      Stream.of(
              "job.JobStore",
              "job.Claims",
              "job.Deliveries",
              "queue.store.RequestStore",
              "queue.store.QueueJobs",
              "queue.store.OutcomeStore",
              "queue.store.CallbackStore")
          .map("io.caravan."::concat)
          .toList();
  private static final List<String> SQL =
      List.of("org.sqlite.core.CorePreparedStatement", "org.postgresql.jdbc.PgPreparedStatement");
  private static final String HTTP = "org.apache.camel.component.http.HttpProducer";
  private static final String DIRECT = "org.apache.camel.component.direct.DirectProducer";
  private static final String CAMEL_FILES = "org.apache.camel.util.FileUtil";

  private KillAgent() {}

  /**
   * Called by the JVM before the application. Loads the woven classes here and then removes the
   * transformer, which would otherwise halve the speed of the start.
   */
  public static void premain(String arguments, Instrumentation jvm) throws Exception {
    List<String> moving = classes((jar, entry) -> moves(jar, entry));
    var woven = new ArrayList<>(STORES); // fails to load after a move, in place of killing nowhere
    woven.addAll(moving);
    woven.addAll(SQL);
    woven.addAll(List.of(HTTP, DIRECT, CAMEL_FILES));

    ResettableClassFileTransformer weaver = weaver(moving).installOn(jvm);
    for (String name : woven) {
      Class.forName(name, false, ClassLoader.getSystemClassLoader());
    }
    jvm.removeTransformer(weaver);
  }

  private static AgentBuilder weaver(List<String> moving) throws ReflectiveOperationException {
    Method move = Renames.class.getMethod("move", Path.class, Path.class, CopyOption[].class);
    return new AgentBuilder.Default()
        .disableClassFormatChanges()
        .with(AgentBuilder.Listener.StreamWriting.toSystemError().withErrorsOnly())
        .type(namedOneOf(STORES.toArray(String[]::new)))
        .transform(
            visit(Advice.to(StoreAdvice.class).on(isMethod().and(isPublic()).and(not(isStatic())))))
        .type(namedOneOf(SQL.toArray(String[]::new)))
        .transform(
            visit(
                Advice.to(SqlAdvice.class).on(isConstructor().and(takesArgument(1, String.class)))))
        .type(named(HTTP))
        .transform(visit(Advice.to(HttpAdvice.class).on(named("process").and(isPublic()))))
        .type(named(DIRECT))
        .transform(visit(Advice.to(CallerAdvice.class).on(named("process").and(isPublic()))))
        .type(named(CAMEL_FILES))
        .transform(
            visit(
                Advice.to(RenameAdvice.class)
                    .on(named("renameFile").and(takesArgument(0, File.class)))))
        .type(namedOneOf(moving.toArray(String[]::new)))
        .transform(
            visit(
                MemberSubstitution.relaxed()
                    .method(named("move").and(isDeclaredBy(Files.class)))
                    .replaceWith(move)
                    // fails for these methods of records
                    .on(not(isEquals().or(isHashCode()).or(isToString())))));
  }

  private static AgentBuilder.Transformer visit(AsmVisitorWrapper change) {
    return (type, description, loader, module, domain) -> type.visit(change);
  }

  /** The application's classes that match. */
  private static List<String> classes(BiPredicate<JarFile, JarEntry> which) throws IOException {
    try (var jar = new JarFile(System.getProperty("java.class.path"))) {
      return jar.stream()
          .filter(entry -> entry.getName().matches("io/caravan/.*\\.class"))
          .filter(entry -> !entry.getName().endsWith("package-info.class"))
          .filter(entry -> which.test(jar, entry))
          .map(entry -> entry.getName().replace('/', '.').replaceAll("\\.class$", ""))
          .toList();
    }
  }

  /** Whether the class calls {@link Files#move}. */
  private static boolean moves(JarFile jar, JarEntry entry) {
    try (var in = jar.getInputStream(entry)) {
      String names = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      return names.contains("java/nio/file/Files") && names.contains("\u0004move");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
