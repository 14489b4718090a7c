package io.caravan.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The filter that keeps foreign web pages from using the server through a user's browser: by a
 * foreign origin, by a form that needs no preflight, or by a host name that resolves to this
 * machine (DNS rebinding).
 */
final class WebGuard extends OncePerRequestFilter {
  private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
  private static final Pattern API = Pattern.compile("/(v1|batch|caravan)(/.*)?");
  private static final Set<String> LINES = Set.of("application/x-ndjson", "application/jsonl");
  private static final Pattern UPLOAD = Pattern.compile("/v1/files/?|/v1/uploads/[^/]+/parts/?");

  /** Providers call these from outside; a signature is their proof. */
  private static final Pattern EVENTS = Pattern.compile("/webhooks/(openai|gemini)");

  private final boolean hostsLimited;
  private final WebProperties settings;

  /**
   * @param hostsLimited whether only names of this machine are served, since there are no keys
   */
  WebGuard(boolean hostsLimited, WebProperties settings) {
    this.hostsLimited = hostsLimited;
    this.settings = settings;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    String path = request.getRequestURI().substring(request.getContextPath().length());
    return request.getMethod().equals("POST") && EVENTS.matcher(path).matches();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String host = Objects.requireNonNullElse(request.getHeader("Host"), "");
    String origin = request.getHeader("Origin");
    boolean allowed = origin != null && settings.corsOrigins().contains(origin);
    if (hostsLimited && !isOurs(ThisMachine.name(request))) {
      ErrorAnswer.write(
          request,
          response,
          403,
          "host_not_allowed",
          "This server has no keys, so it accepts only host names of its own machine, such as localhost. To use another name, add it to caravan.web.allowed-hosts.");
    } else if (changes(request) && !allowed && isForeign(request, origin, host)) {
      ErrorAnswer.write(
          request,
          response,
          403,
          "foreign_origin",
          "A web page of another origin may not do this. To allow it, add its origin to caravan.web.cors-origins.");
    } else if (changes(request) && !isFit(request)) {
      ErrorAnswer.write(
          request,
          response,
          415,
          "unsupported_media_type",
          "Send the body as JSON, with the header \"Content-Type: application/json\"; files go to /v1/files as multipart/form-data.");
    } else if (allowed) {
      allow(origin, request, response, chain);
    } else {
      chain.doFilter(request, response);
    }
  }

  private boolean isOurs(String name) {
    return ThisMachine.isName(name) || settings.allowedHosts().contains(name);
  }

  private static boolean changes(HttpServletRequest request) {
    return !READS.contains(request.getMethod());
  }

  private static boolean isForeign(
      HttpServletRequest request, @Nullable String origin, String host) {
    return origin == null
        ? "cross-site".equals(request.getHeader("Sec-Fetch-Site"))
        : !host.equalsIgnoreCase(authority(origin));
  }

  /** The authority as in the Host header, where browsers omit the default port. */
  private static @Nullable String authority(String origin) {
    try {
      return URI.create(origin).getRawAuthority();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * Accepts JSON only, since pages may send text and forms to other origins without a preflight;
   * with PUT they may not send anything.
   */
  private static boolean isFit(HttpServletRequest request) {
    String path = CalledPath.of(request);
    boolean empty =
        request.getContentLengthLong() == 0
            || (request.getContentLengthLong() < 0
                && request.getHeader("Transfer-Encoding") == null);
    if (empty || request.getMethod().equals("PUT") || !API.matcher(path).matches()) {
      return true;
    }
    String type =
        Objects.requireNonNullElse(request.getContentType(), "")
            .replaceFirst(";.*", "")
            .strip()
            .toLowerCase(Locale.ROOT);
    return type.equals("application/json")
        || (LINES.contains(type) && path.equals("/batch/queue/bulk"))
        || (type.equals("multipart/form-data") && UPLOAD.matcher(path).matches());
  }

  /** Lets a page of an allowed origin read the response, and answers preflight requests. */
  private static void allow(
      String origin, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.addHeader("Vary", "Origin");
    if (request.getMethod().equals("OPTIONS")
        && request.getHeader("Access-Control-Request-Method") != null) {
      response.setHeader("Access-Control-Allow-Methods", "GET, POST, DELETE");
      response.setHeader(
          "Access-Control-Allow-Headers",
          "Authorization, Caravan-Deadline, Caravan-Priority, Caravan-Provider, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer");
      response.setHeader("Access-Control-Max-Age", "600");
      response.setStatus(204);
    } else {
      chain.doFilter(request, response);
    }
  }
}
