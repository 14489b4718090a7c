package io.caravan.cli;

import org.springframework.boot.SpringApplication;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code caravan} serves until it is stopped; {@code caravan run FILE…} takes files through and
 * ends; the other verbs are for operators.
 */
@Command(
    name = "caravan",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Serves: watches the inboxes of all pipelines until it is stopped.",
    footer = {
      "",
      "Settings: config/application.yaml, or environment variables such as CARAVAN_PROVIDER."
    })
public final class CommandLineInterface implements Runnable {
  private final Class<?> application;

  private CommandLineInterface(Class<?> application) {
    this.application = application;
  }

  /** Does what the arguments say; ends the process unless it serves. */
  public static void run(Class<?> application, String[] arguments) {
    int code = commands(application).execute(arguments);
    boolean serves = arguments.length == 0 && code == 0;
    if (!serves) {
      System.exit(code);
    }
  }

  static CommandLine commands(Class<?> application) {
    return new CommandLine(new CommandLineInterface(application))
        .addSubcommand(new RunCommand(application))
        .addSubcommand(new CheckCommand())
        .addSubcommand(new StatusCommand())
        .addSubcommand(new ChangeCommand.Cancel())
        .addSubcommand(new ChangeCommand.Retry())
        .addSubcommand("completion", new GenerateCompletion())
        .setExecutionExceptionHandler(new Failure());
  }

  @Override
  public void run() {
    new SpringApplication(application).run();
  }
}
