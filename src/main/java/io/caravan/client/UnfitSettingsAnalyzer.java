package io.caravan.client;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports invalid server settings as a description and an action instead of a stack trace. */
class UnfitSettingsAnalyzer extends AbstractFailureAnalyzer<UnfitSettingsException> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, UnfitSettingsException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
  }
}
