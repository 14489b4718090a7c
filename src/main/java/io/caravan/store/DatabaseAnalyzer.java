package io.caravan.store;

import org.flywaydb.core.api.FlywayException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.NestedExceptionUtils;

/**
 * Reports at startup, without a stack trace, that the database cannot be reached or its tables
 * cannot be created.
 */
class DatabaseAnalyzer extends AbstractFailureAnalyzer<FlywayException> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, FlywayException cause) {
    return new FailureAnalysis(
        "The database cannot be used: "
            + NestedExceptionUtils.getMostSpecificCause(cause).getMessage(),
        "Start it and allow Caravan to create tables, or correct CARAVAN_DATABASE_URL,"
            + " CARAVAN_DATABASE_USERNAME and CARAVAN_DATABASE_PASSWORD.",
        cause);
  }
}
