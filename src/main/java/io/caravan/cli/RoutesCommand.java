package io.caravan.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code caravan routes}: the commands about route files. */
@Command(
    name = "routes",
    mixinStandardHelpOptions = true,
    description = "Checks and draws the route files. Needs no service.")
final class RoutesCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }
}
