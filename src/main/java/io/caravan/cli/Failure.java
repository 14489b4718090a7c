package io.caravan.cli;

import io.caravan.job.CannotStartException;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Handles exceptions of commands: prints the message, unless Spring Boot has already reported a
 * failed start, and exits with 1.
 */
final class Failure implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(
      Exception cause, CommandLine commands, ParseResult arguments) {
    boolean toldBySpring =
        Arrays.stream(cause.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(SpringApplication.class.getName()));
    if (!toldBySpring) {
      commands.getErr().println(cause.getMessage());
      if (cause instanceof CannotStartException e) {
        commands.getErr().println(e.action());
      }
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
