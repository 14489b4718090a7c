package io.caravan.cli;

import io.caravan.batch.BatchStore;
import io.caravan.flow.Pauses;
import io.caravan.flow.Pipelines;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.camel.CamelContext;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan run}: the real routes for given files, then the end. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Takes files through and ends.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every file was carried through, whatever its requests came to",
      "1:a file could not be carried through, or --fail-on-errors and there were errors",
      "2:wrong usage"
    })
final class RunCommand implements Callable<Integer> {
  private final Class<?> application;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "JSONL, CSV (.csv) and text (.txt) files, also gzipped.")
  private List<Path> files = List.of();

  @Option(
      names = "--pipeline",
      paramLabel = "NAME",
      description = "The pipeline to use; default: ${DEFAULT-VALUE}.")
  private String pipeline = "default";

  @Option(names = "--again", description = "Pay for content that was carried through before.")
  private boolean again;

  @Option(
      names = "--fail-on-errors",
      description = "End with 1 when any request ends in the errors.")
  private boolean failOnErrors;

  RunCommand(Class<?> application) {
    this.application = application;
  }

  @Override
  public Integer call() throws IOException {
    files.forEach(this::check);
    try (ConfigurableApplicationContext context = start()) {
      if (context.getBean(Pipelines.class).all().get(pipeline) == null) {
        throw new ParameterException(
            spec.commandLine(), "There is no pipeline \"%s\".".formatted(pipeline));
      }
      var journey =
          new Journey(
              context.getBean(CamelContext.class),
              context.getBean(BatchStore.class),
              context.getBean(Pauses.class),
              spec.commandLine().getOut());
      boolean paysAgain =
          "allow".equalsIgnoreCase(context.getEnvironment().getProperty("caravan.duplicates"));
      var jobs = new ArrayList<String>();
      for (Path file : files) {
        jobs.add(journey.send(file, pipeline, paysAgain));
      }
      return journey.await(jobs, failOnErrors) ? 0 : 1;
    }
  }

  private void check(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new ParameterException(
          spec.commandLine(),
          Files.isDirectory(file)
              ? file + " is a folder. Name the files in it."
              : file + " does not exist.");
    }
    if (!Files.isReadable(file)) {
      throw new ParameterException(
          spec.commandLine(), file + " cannot be read. Make it readable for this user.");
    }
  }

  private ConfigurableApplicationContext start() throws IOException {
    var settings = new HashMap<String, Object>();
    settings.put("camel.main.auto-startup-exclude-pattern", "*-inbox");
    settings.put("logging.level.io.caravan", "WARN");
    settings.put("logging.level.org.apache.camel.spring.boot", "ERROR"); // a short run is as meant
    if (System.getenv("SERVER_PORT") == null) {
      settings.put("server.port", freePort());
    }
    if (again) {
      settings.put("caravan.duplicates", "allow");
    }
    var spring = new SpringApplication(application);
    spring.setLogStartupInfo(false);
    spring.setRegisterShutdownHook(true);
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
