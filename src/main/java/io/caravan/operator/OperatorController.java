package io.caravan.operator;

import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The operator API over HTTP: list, show, cancel and retry jobs. */
@RestController
@RequestMapping(OperatorErrors.PATH + "/jobs")
class OperatorController {
  private static final int MOST = 1000;

  private final Operator operator;

  OperatorController(Operator operator) {
    this.operator = operator;
  }

  @GetMapping
  Overview jobs(@RequestParam(name = "limit", defaultValue = "20") int limit) {
    if (limit < 1 || limit > MOST) {
      throw new OperatorException(
          400, "invalid_value", "limit must be between 1 and %d.".formatted(MOST));
    }
    return operator.overview(limit);
  }

  @GetMapping("/{id}")
  JobView job(@PathVariable("id") String id) {
    return operator.job(id).orElseThrow(() -> notFound(Operator.unknown(id).message()));
  }

  @PostMapping("/{id}/cancel")
  Outcome.Done cancel(@PathVariable("id") String id) {
    return answer(operator.cancel(id));
  }

  @PostMapping("/{id}/retry")
  Outcome.Done retry(@PathVariable("id") String id) throws IOException {
    return answer(operator.retry(id));
  }

  private static Outcome.Done answer(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done done -> done;
      case Outcome.Refused refused ->
          throw new OperatorException(409, "job_conflict", refused.message());
      case Outcome.Unknown unknown -> throw notFound(unknown.message());
    };
  }

  private static OperatorException notFound(String message) {
    return new OperatorException(404, "job_not_found", message);
  }
}
