package io.caravan.cli;

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
    boolean told =
        Arrays.stream(cause.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(SpringApplication.class.getName()));
    if (!told) {
      commands.getErr().println(cause.getMessage());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
