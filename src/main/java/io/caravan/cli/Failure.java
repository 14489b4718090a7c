package io.caravan.cli;

import io.caravan.job.CannotStartException;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Ends with 1: Spring Boot has told why it could not start, anything else is told here. */
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
