package io.caravan.flow.step;

import io.caravan.flow.Reasons;
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
            String.join("\n", Reasons.all(at)),
            "Fix the route file and start again; \"./caravan routes check\" lists all problems.",
            at);
      }
    }
    return null;
  }
}
