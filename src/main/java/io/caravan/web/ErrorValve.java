package io.caravan.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * The Tomcat valve that answers what never reaches a filter, such as a call with an invalid URL, in
 * JSON like all other errors of the paths for programs.
 */
final class ErrorValve extends ErrorReportValve {
  ErrorValve() {
    setShowReport(false);
    setShowServerInfo(false);
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    int status = response.getStatus();
    boolean ours = ErrorAnswer.isForPrograms(request.getRequestURI());
    if (!ours || status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      super.report(request, response, failure);
      return;
    }
    try {
      ErrorAnswer.write(request.getRequestURI(), response, status);
    } catch (IOException e) {
      getContainer().getLogger().debug("the caller has gone", e);
    }
  }
}
