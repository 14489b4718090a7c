package io.caravan.server.settings;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells what is wrong with the server's settings in two sentences instead of a stack trace. */
class UnfitSettingsAnalyzer extends AbstractFailureAnalyzer<UnfitSettingsException> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, UnfitSettingsException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
  }
}
