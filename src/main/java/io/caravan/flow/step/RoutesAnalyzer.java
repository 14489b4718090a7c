package io.caravan.flow.step;

import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spring.boot.CamelSpringBootInitializationException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Reports a mistake in a route file, which stops the start, without a stack trace. */
class RoutesAnalyzer implements FailureAnalyzer {
  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof RuntimeCamelException
          || at instanceof CamelSpringBootInitializationException) {
        return new FailureAnalysis(
            messages(at), "Fix the route file and start again; ./mvnw verify checks all.", at);
      }
    }
    return null;
  }

  private static String messages(Throwable failure) {
    var told = new StringBuilder();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = String.valueOf(at.getMessage());
      if (told.indexOf(message) < 0) {
        told.append(told.isEmpty() ? "" : "\n").append(message);
      }
    }
    return told.toString();
  }
}
