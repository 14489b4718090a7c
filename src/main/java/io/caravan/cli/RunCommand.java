package io.caravan.cli;

import io.caravan.flow.Pipelines;
import io.caravan.flow.call.Pauses;
import io.caravan.flow.inbox.RunningService;
import io.caravan.flow.live.RouteFiles;
import io.caravan.job.Arrival;
import io.caravan.job.Store;
import io.caravan.route.yaml.Problem;
import io.caravan.store.StoreAccess;
import io.caravan.workspace.DataFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code caravan run}: runs the given files through the real routes, or hands them to a running
 * service, and exits.
 */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Runs files through a pipeline and exits.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every file was completed",
      "1:a file could not be completed or had no result, or there were errors with --fail-on-errors",
      "2:wrong usage"
    })
final class RunCommand implements Callable<Integer> {
  private static final String DUPLICATES = "caravan.duplicates";

  private final Class<?> application;

  /**
   * Ids of the jobs of the files sent so far, in order; they are not sent again when a service
   * stops.
   */
  private final List<String> jobs = new ArrayList<>();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private InputFiles input = new InputFiles();

  @Option(names = "--again", description = "Send completed content again, and pay again.")
  private boolean again;

  @Option(names = "--fail-on-errors", description = "Exit with 1 if any request fails.")
  private boolean failOnErrors;

  private List<Path> files = List.of();

  RunCommand(Class<?> application) {
    this.application = application;
  }

  @Override
  public Integer call() throws IOException {
    files = input.files();
    Instant start = Instant.now();
    while (true) {
      var service = new FindService();
      try {
        return alone(start, service);
      } catch (SpringApplication.AbandonedRunException e) {
        Optional<Integer> code = beside(start, service);
        if (code.isPresent()) {
          return code.get();
        } // else the service stopped before the jobs finished; another one may be running
      }
    }
  }

  /** Aborts the startup early if a service has locked the data folder. */
  private static final class FindService
      implements ApplicationListener<ApplicationEnvironmentPreparedEvent> {
    private @Nullable Environment settings;
    private @Nullable StoreAccess access;

    Environment settings() {
      return Objects.requireNonNull(settings);
    }

    StoreAccess access() {
      return Objects.requireNonNull(access);
    }

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent prepared) {
      settings = prepared.getEnvironment();
      try {
        if (DataFolder.isTaken(data(settings))) {
          access = StoreAccess.open(settings).orElse(null);
          if (access != null) { // else its store is elsewhere or does not exist yet
            throw new SpringApplication.AbandonedRunException();
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Path data(Environment settings) {
    return Path.of(settings.getRequiredProperty("caravan.data"));
  }

  /**
   * Hands the files to the service that has locked the data folder; empty if it stops before the
   * jobs finish.
   */
  private Optional<Integer> beside(Instant start, FindService found) throws IOException {
    Environment settings = found.settings();
    try (StoreAccess access = found.access()) {
      RunningService service = RunningService.of(access, settings, input.pipeline());
      Sender sender = (file, paysAgain) -> sent(service.send(file, paysAgain));
      var journey =
          new Journey(
              sender, access.store(), new Service(data(settings)), spec.commandLine().getOut());
      return finish(journey, settings, start);
    }
  }

  private static Sender.Sent sent(Arrival arrival) {
    return new Sender.Sent(
        arrival.job().id(),
        arrival instanceof Arrival.Duplicate duplicate ? duplicate.earlier().id() : null);
  }

  /** A service that runs the jobs; their rows contain the reasons for waiting. */
  private record Service(Path data) implements Journey.Worker {
    @Override
    public Optional<String> refusal(String provider) {
      return Optional.empty();
    }

    @Override
    public boolean isAlive() {
      try {
        return DataFolder.isTaken(data);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private int alone(Instant start, FindService service) throws IOException {
    try (ConfigurableApplicationContext context = start(service)) {
      if (context.getBean(Pipelines.class).all().get(input.pipeline()) == null) {
        throw new ParameterException(
            spec.commandLine(),
            "The pipeline \"%s\" cannot be used: %s"
                .formatted(input.pipeline(), whyNot(context.getBean(RouteFiles.class))));
      }
      var journey =
          new Journey(
              new ThroughRoutes(context.getBean(CamelContext.class), input.pipeline()),
              context.getBean(Store.class),
              new Here(context.getBean(Pauses.class)),
              spec.commandLine().getOut());
      return finish(journey, context.getEnvironment(), start).orElseThrow();
    }
  }

  private String whyNot(RouteFiles files) {
    String file = "pipelines/%s.camel.yaml".formatted(input.pipeline());
    List<Problem> problems = files.rejected().getOrDefault(file, List.of());
    return problems.isEmpty()
        ? "there is no file routes/%s.".formatted(file)
        : "routes/" + problems.getFirst();
  }

  /** This process, which runs the jobs itself. */
  private record Here(Pauses pauses) implements Journey.Worker {
    @Override
    public Optional<String> refusal(String provider) {
      return pauses.reason(provider);
    }

    @Override
    public boolean isAlive() {
      return true;
    }
  }

  private Optional<Integer> finish(Journey journey, Environment settings, Instant start)
      throws IOException {
    boolean paysAgain = again || "allow".equalsIgnoreCase(settings.getProperty(DUPLICATES));
    for (Path file : files.subList(jobs.size(), files.size())) {
      jobs.add(journey.send(file, paysAgain));
    }
    return journey.await(jobs)
        ? Optional.of(journey.tell(jobs, start, failOnErrors) ? 0 : 1)
        : Optional.empty();
  }

  private ConfigurableApplicationContext start(FindService service) throws IOException {
    var settings = new HashMap<String, Object>();
    settings.put("camel.main.auto-startup-exclude-pattern", "*-inbox");
    settings.put("logging.level.io.caravan", "WARN");
    settings.put("logging.level.org.apache.camel.spring.boot", "ERROR"); // a short run is intended
    if (System.getenv("SERVER_PORT") == null) {
      settings.put("server.port", freePort());
      settings.put("management.server.port", -1); // a running service may use the port
    }
    if (again) {
      settings.put(DUPLICATES, "allow");
    }
    var spring = new SpringApplication(application);
    spring.setLogStartupInfo(false);
    spring.setRegisterShutdownHook(true);
    spring.addListeners(service);
    return spring.run(arguments(settings));
  }

  private static String[] arguments(Map<String, Object> settings) {
    return settings.entrySet().stream()
        .map(setting -> "--%s=%s".formatted(setting.getKey(), setting.getValue()))
        .toArray(String[]::new);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
