package io.caravan.server;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** OpenAI's Batch API. */
@ServerController
@RequestMapping("/v1/batches")
class BatchesController {
  private static final int MAX_LIMIT = 100;

  private final Batches batches;
  private final BatchRuns runs;
  private final JsonBody body;

  BatchesController(Batches batches, BatchRuns runs, JsonBody body) {
    this.batches = batches;
    this.runs = runs;
    this.body = body;
  }

  @PostMapping
  BatchObject create(HttpServletRequest request) throws IOException {
    Lease lease = batches.create(Owner.of(request), BatchForm.parse(body.read(request)));
    Batch batch = lease.batch();
    runs.start(lease);
    return shape(batch);
  }

  @GetMapping
  Page<BatchObject> list(
      HttpServletRequest request,
      @RequestParam(required = false) @Nullable String after,
      @RequestParam(defaultValue = "20") int limit) {
    Limits.check("limit", limit, MAX_LIMIT);
    return batches.list(Listing.newestFirst(Owner.of(request), after, limit)).map(this::shape);
  }

  @GetMapping("/{id}")
  BatchObject retrieve(@PathVariable String id, HttpServletRequest request) {
    return shape(find(id, request));
  }

  @PostMapping("/{id}/cancel")
  BatchObject cancel(@PathVariable String id, HttpServletRequest request) {
    find(id, request);
    Batch batch = batches.cancel(id);
    switch (batch.status()) {
      case CANCELLING -> runs.cancel(id);
      case CANCELLED -> {}
      case VALIDATING, IN_PROGRESS, FINALIZING, COMPLETED, FAILED, EXPIRED ->
          throw new ApiException(
              409,
              ApiError.invalidRequest(
                  "Cannot cancel a batch with status '%s'.".formatted(batch.status().wireName()),
                  null,
                  null));
    }
    return shape(batch);
  }

  private BatchObject shape(Batch batch) {
    return BatchObject.of(runs.view(batch), runs.pace(batch));
  }

  private Batch find(String id, HttpServletRequest request) {
    return (IdKind.BATCH.matches(id) ? batches.find(id) : Optional.<Batch>empty())
        .filter(batch -> batch.order().owner().equals(Owner.of(request)))
        .orElseThrow(
            () -> ApiException.notFound("No batch found with id '%s'.".formatted(id), null));
  }
}
