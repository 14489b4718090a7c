package io.caravan.server.backend;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.http.ResponseEntity;

/** Answers requests for {@code /v1/responses} that ask to run in the background. */
public interface BackgroundResponses {
  /** Accepts a request; the call's remote user is its client. */
  ResponseEntity<byte[]> create(HttpServletRequest call, ObjectNode body) throws IOException;
}
