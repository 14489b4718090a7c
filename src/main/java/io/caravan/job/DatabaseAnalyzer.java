package io.caravan.job;

import org.flywaydb.core.api.FlywayException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.NestedExceptionUtils;

/**
 * A database that cannot be reached, or lets us make no tables, stops the start without a stack
 * trace.
 */
class DatabaseAnalyzer extends AbstractFailureAnalyzer<FlywayException> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, FlywayException cause) {
    return new FailureAnalysis(
        "The database cannot be used: "
            + NestedExceptionUtils.getMostSpecificCause(cause).getMessage(),
        "Start it and let us make tables there, or mend CARAVAN_DATABASE_URL,"
            + " CARAVAN_DATABASE_USERNAME and CARAVAN_DATABASE_PASSWORD.",
        cause);
  }
}
