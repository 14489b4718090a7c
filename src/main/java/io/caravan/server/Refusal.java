package io.caravan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Semaphore;

/** Answers what nothing here can run with 404, which nobody retries, and with what to do. */
record Refusal(String message, String param, String code, Semaphore lane) implements Backend {

  @Override
  public Answer answer(Endpoint endpoint, ObjectNode body) {
    return Answer.refused(new ApiException(404, ApiError.invalidRequest(message, param, code)));
  }
}
