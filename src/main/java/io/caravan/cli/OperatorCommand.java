package io.caravan.cli;

import io.caravan.operator.Operator;
import io.caravan.store.StoreAccess;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command for operators: opens only the store, which a service may use at the same time. */
abstract class OperatorCommand implements Callable<Integer> {
  static final int FAILED = 1;

  @Spec CommandSpec spec = CommandSpec.create();

  /** Runs the command; the operator is null if there is no store yet. */
  abstract int call(@Nullable Operator operator) throws IOException;

  @Override
  public final Integer call() throws IOException {
    try (ConfigurableApplicationContext settings = settings()) {
      Optional<StoreAccess> opened = StoreAccess.open(settings.getEnvironment());
      if (opened.isEmpty()) {
        return call(null);
      }
      try (StoreAccess access = opened.get()) {
        return call(Operator.on(access));
      }
    }
  }

  /** Loads the settings only: no routes, no server. */
  static ConfigurableApplicationContext settings() {
    var spring = new SpringApplication(NoBeans.class);
    spring.setWebApplicationType(WebApplicationType.NONE);
    spring.setBannerMode(Banner.Mode.OFF);
    spring.setLogStartupInfo(false);
    spring.setRegisterShutdownHook(false);
    return spring.run("--logging.level.io.caravan=WARN");
  }

  /** Completes a job id prefix; prints an error if no job or several jobs match. */
  Optional<String> whole(@Nullable Operator operator, String beginning) {
    List<String> ids = operator == null ? List.of() : operator.named(beginning);
    if (ids.size() == 1) {
      return Optional.of(ids.getFirst());
    }
    fail(
        ids.isEmpty()
            ? "There is no job \"%s\". See \"caravan status\".".formatted(beginning)
            : "\"%s\" is ambiguous: %s. Use a longer prefix."
                .formatted(beginning, String.join(" or ", ids)));
    return Optional.empty();
  }

  int fail(String message) {
    spec.commandLine().getErr().println(message);
    return FAILED;
  }

  void say(String message) {
    spec.commandLine().getOut().println(message);
  }

  /** An empty configuration, for a context that only loads settings. */
  static final class NoBeans {}
}
