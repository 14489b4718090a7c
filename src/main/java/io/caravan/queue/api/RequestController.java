package io.caravan.queue.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestStatus;
import io.caravan.queue.flow.RequestView;
import io.caravan.queue.store.RequestStore;
import io.caravan.queue.wait.HeldCall;
import io.caravan.queue.wait.Waited;
import io.caravan.queue.wait.Waiters;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** One queued request over HTTP: its answer, and its cancellation. */
@RestController
@RequestMapping(Problems.PATH + "/requests/{id}")
class RequestController {
  private static final int SECONDS = 5;

  private final RequestStore store;
  private final RequestView view;
  private final Waiters waiters;

  RequestController(RequestStore store, RequestView view, Waiters waiters) {
    this.store = store;
    this.view = view;
    this.waiters = waiters;
  }

  /** Answers at once, or with {@code Prefer: wait} when there is something new. */
  @GetMapping
  DeferredResult<ResponseEntity<byte[]>> get(
      @PathVariable("id") String id, HttpServletRequest call) {
    var request = Caller.of(call).require(store.find(id).orElse(null), id);
    var held = new HeldCall(call);
    Optional<Duration> wait = Preference.wait(call);
    Shown shown = show(request);
    @Nullable String known = call.getHeader(HttpHeaders.IF_NONE_MATCH);
    if (wait.isEmpty()
        || request.status().terminal()
        || (known != null && !matches(known, shown.tag()))) {
      held.answer(answer(shown, wait));
    } else {
      waiters.await(
          id,
          known == null ? null : request.status(),
          wait.get(),
          held::isOpen,
          waited -> end(held, request, waited, wait));
    }
    return held.result();
  }

  private void end(HeldCall held, QueuedRequest before, Waited waited, Optional<Duration> wait) {
    try {
      if (waited == Waited.STOPPED) {
        throw QueueProblem.later(
            503, "stopping", "Caravan is stopping. Send the call again.", SECONDS);
      }
      QueuedRequest now =
          store.find(before.id()).orElseThrow(() -> QueueProblem.unknown(before.id()));
      held.answer(answer(show(now), wait));
    } catch (RuntimeException e) {
      held.fail(e);
    }
  }

  private static boolean matches(String known, String tag) {
    return Arrays.stream(known.split(","))
        .map(each -> each.strip().replaceFirst("^W/", ""))
        .anyMatch(each -> each.equals(tag) || each.equals("*"));
  }

  private record Shown(RequestStatus status, ObjectNode view) {
    String tag() {
      return "\"%s-%s-%s\""
          .formatted(status.word(), view.path("batch_id").asText(), view.path("ended_at").asText());
    }
  }

  private Shown show(QueuedRequest request) {
    return new Shown(request.status(), view.whole(request));
  }

  /** Sets an ETag, by which Spring answers 304. */
  private static ResponseEntity<byte[]> answer(Shown shown, Optional<Duration> waited) {
    var answer = ResponseEntity.ok().eTag(shown.tag()).contentType(MediaType.APPLICATION_JSON);
    waited.ifPresent(
        it -> answer.header(Preference.APPLIED, "wait=" + it.toSeconds()).varyBy(Preference.NAME));
    if (!shown.status().terminal()) {
      answer.header(HttpHeaders.RETRY_AFTER, "" + SECONDS);
    }
    return answer.body(shown.view().toString().getBytes(StandardCharsets.UTF_8));
  }

  @DeleteMapping
  ResponseEntity<byte[]> cancel(@PathVariable("id") String id, HttpServletRequest call) {
    var before = Caller.of(call).require(store.find(id).orElse(null), id);
    if (before.status().terminal()) {
      throw QueueProblem.of(
          409,
          "request_ended",
          "Request %s is %s and cannot be cancelled.".formatted(id, before.status().word()));
    }
    return answer(show(store.cancel(id).orElse(before)), Optional.empty());
  }
}
