package io.caravan.queue.api;

import io.caravan.queue.QueueProblem;
import io.caravan.queue.store.EndedFilter;
import io.caravan.queue.store.Position;
import io.caravan.queue.store.RequestStore;
import io.caravan.queue.wait.EventStreams;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Server-Sent Events of requests that end. */
@RestController("queueEventsController")
class EventsController {
  private static final String LAST_EVENT = "Last-Event-ID";
  private static final Pattern EVENT = Pattern.compile("(\\d{1,15})-(req_[0-9a-z]{1,36})");
  private static final Position BEGINNING = new Position(0, "");
  private static final int SECONDS = 5;

  private final EventStreams streams;
  private final RequestStore store;

  EventsController(EventStreams streams, RequestStore store) {
    this.streams = streams;
    this.store = store;
  }

  @GetMapping(Problems.PATH + "/events")
  void events(
      @RequestParam(name = "request", required = false) @Nullable String request,
      @RequestParam(name = "job_type", required = false) @Nullable String jobType,
      HttpServletRequest call,
      HttpServletResponse response)
      throws IOException {
    if (!streams.isOpen()) {
      throw QueueProblem.later(503, "stopping", "Caravan is stopping. Connect again.", SECONDS);
    }
    Caller caller = Caller.of(call);
    Position after = last(call.getHeader(LAST_EVENT));
    if (request != null) {
      caller.require(store.find(request).orElse(null), request);
      if (after != null && after.id().equals(request)) {
        response.setStatus(204); // the client has the only event; it does not connect again
        return;
      }
      after = BEGINNING;
    }
    var filter = new EndedFilter(caller.sees(), request == null ? jobType : null, request);
    streams.open(call, response, filter, after);
  }

  private static @Nullable Position last(@Nullable String event) {
    if (event == null || event.isEmpty()) {
      return null;
    }
    Matcher matcher = EVENT.matcher(event);
    if (!matcher.matches()) {
      throw QueueProblem.invalid(
          "invalid_value", "Last-Event-ID is not the id of an event from here.", LAST_EVENT);
    }
    return new Position(Long.parseLong(matcher.group(1)), matcher.group(2));
  }
}
