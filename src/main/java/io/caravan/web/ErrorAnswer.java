package io.caravan.web;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Error bodies, written by filters and resolvers: OpenAI's, or {@code application/problem+json}
 * (RFC 9457) below {@code /batch}.
 */
public final class ErrorAnswer {
  /** The content type of a problem. */
  public static final String PROBLEM = "application/problem+json";

  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern PROGRAMS = Pattern.compile("/(batch|caravan|v1|webhooks)(/.*)?");

  private ErrorAnswer() {}

  /** Writes an error as the response, in the form that belongs to the path of the request. */
  static void write(
      HttpServletRequest request,
      HttpServletResponse response,
      int status,
      String code,
      String message)
      throws IOException {
    write(CalledPath.of(request), response, status, code, message);
  }

  private static void write(
      String path, HttpServletResponse response, int status, String code, String message)
      throws IOException {
    if (path.equals("/batch") || path.startsWith("/batch/")) {
      writeProblem(response, status, code, message, null);
    } else {
      write(response, status, code, message);
    }
  }

  /** Writes an error of which only the status is known. */
  static void write(String path, HttpServletResponse response, int status) throws IOException {
    if (status >= 500) {
      write(
          path,
          response,
          status,
          "internal_error",
          "The server had an internal error; see its log.");
    } else if (status == 408) {
      write(
          path,
          response,
          status,
          "request_timeout",
          "The body was incomplete or arrived too slowly. Send it again.");
    } else {
      write(
          path,
          response,
          status,
          "invalid_request",
          "The server cannot read this call. Check its URL, headers and body.");
    }
  }

  /** Whether programs call the path, which read errors as JSON. */
  static boolean isForPrograms(String path) {
    return PROGRAMS.matcher(path).matches();
  }

  /**
   * Writes a problem as the response.
   *
   * @param param the member of the request that it is about; null if none
   */
  public static void writeProblem(
      HttpServletResponse response, int status, String code, String message, @Nullable String param)
      throws IOException {
    response.setStatus(status);
    response.setContentType(PROBLEM);
    response.getOutputStream().write(problem(status, code, message, param));
  }

  /** A problem, JSON. */
  public static byte[] problem(int status, String code, String message, @Nullable String param)
      throws IOException {
    HttpStatus known = HttpStatus.resolve(status);
    ObjectNode body = JSON.createObjectNode();
    body.put("type", "about:blank");
    body.put("title", known == null ? "Error" : known.getReasonPhrase());
    body.put("status", status).put("detail", message).put("code", code);
    if (param != null) {
      body.put("param", param);
    }
    return JSON.writeValueAsBytes(body);
  }

  /** Writes an error as the response. */
  public static void write(
      HttpServletResponse response, int status, @Nullable String code, String message)
      throws IOException {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("error")
        .put("message", message)
        .put("type", status < 500 ? "invalid_request_error" : "server_error")
        .putNull("param")
        .put("code", code);
    response.setStatus(status);
    response.setContentType("application/json");
    response.getOutputStream().write(JSON.writeValueAsBytes(body));
  }
}
