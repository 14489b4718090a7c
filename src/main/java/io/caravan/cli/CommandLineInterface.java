package io.caravan.cli;

import org.springframework.boot.SpringApplication;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The command line: {@code caravan} runs the service until it is stopped, {@code caravan run FILE…}
 * runs files through a pipeline and exits; the other commands are for operators.
 */
@Command(
    name = "caravan",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description =
        "Runs files of LLM requests through batch APIs. Without a command it runs the service, like \"serve\".",
    footer = {
      "",
      "Settings: config/application.yaml, or environment variables such as CARAVAN_PROVIDER."
    })
public final class CommandLineInterface implements Runnable {
  private final Class<?> application;
  private boolean serving;

  @Spec private CommandSpec spec = CommandSpec.create();

  private CommandLineInterface(Class<?> application) {
    this.application = application;
  }

  /** Executes the arguments; exits the process unless it runs the service. */
  public static void run(Class<?> application, String[] arguments) {
    var caravan = new CommandLineInterface(application);
    int code = commands(caravan).execute(arguments);
    if (!caravan.serving) {
      System.exit(code);
    }
  }

  static CommandLine commands(Class<?> application) {
    return commands(new CommandLineInterface(application));
  }

  private static CommandLine commands(CommandLineInterface caravan) {
    return new CommandLine(caravan)
        .addSubcommand(new RunCommand(caravan.application))
        .addSubcommand(new CheckCommand())
        .addSubcommand(new StatusCommand())
        .addSubcommand(
            new CommandLine(new RoutesCommand())
                .addSubcommand(new RoutesCheckCommand(caravan.application))
                .addSubcommand(new RoutesGraphCommand()))
        .addSubcommand(new ChangeCommand.Cancel())
        .addSubcommand(new ChangeCommand.Retry())
        .addSubcommand(
            new CommandLine(new QueueCommand())
                .addSubcommand(new QueueCommand.Status())
                .addSubcommand(new QueueCommand.Add())
                .addSubcommand(new QueueCommand.Flush()))
        .addSubcommand(new QueueCommand.Requests())
        .addSubcommand(
            new CommandLine(new SchedulerCommand())
                .addSubcommand(new SchedulerCommand.Status())
                .addSubcommand(new SchedulerCommand.Start())
                .addSubcommand(new SchedulerCommand.Stop())
                .addSubcommand(new SchedulerCommand.RunNow()))
        .addSubcommand(new AddCommand())
        .addSubcommand(new ComponentsCommand())
        .addSubcommand(new CommandLine(new GenerateCompletion()).setCommandName("completion"))
        .setExecutionExceptionHandler(new Failure());
  }

  @Override
  public void run() {
    new SpringApplication(application).run();
    serving = true;
  }

  @Command(
      name = "serve",
      mixinStandardHelpOptions = true,
      description = "Runs the service: watches the inboxes of all pipelines until it is stopped.")
  void serve() {
    run();
  }

  /** Exists for its help text only; the launcher implements it. */
  @Command(
      name = "prepare",
      mixinStandardHelpOptions = true,
      description = {
        "Makes later starts faster, on JDK 25 or newer.",
        "Runs one request with the default settings, and caches what that start loaded beside the jar."
      })
  int prepare() {
    spec.commandLine().getErr().println("Only the launcher can do this: ./caravan prepare");
    return CommandLine.ExitCode.USAGE;
  }
}
