package io.caravan.server.api;

import io.caravan.server.run.BatchRuns;
import io.caravan.server.store.Batches;
import io.caravan.server.store.Lease;
import io.caravan.server.store.Listing;
import io.caravan.server.store.Owner;
import io.caravan.server.store.Page;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.Limits;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** OpenAI's Batch API, with the additions of the any-llm gateway. */
@ServerController
@RequestMapping("/v1/batches")
class BatchesController {
  private static final int MAX_LIMIT = 100;

  private final Batches batches;
  private final BatchRuns runs;
  private final BatchOrders orders;
  private final BatchResults results;

  BatchesController(Batches batches, BatchRuns runs, BatchOrders orders, StoredFiles files) {
    this.batches = batches;
    this.runs = runs;
    this.orders = orders;
    this.results = new BatchResults(files);
  }

  @PostMapping
  BatchObject create(HttpServletRequest request) throws IOException {
    Lease lease = batches.create(Owner.of(request), orders.read(request));
    StoredBatch batch = lease.batch();
    runs.start(lease);
    return shape(batch);
  }

  @GetMapping
  Page<BatchObject> list(
      HttpServletRequest request,
      @RequestParam(required = false) @Nullable String provider,
      @RequestParam(required = false) @Nullable String after,
      @RequestParam(defaultValue = "20") int limit) {
    Limits.check("limit", limit, MAX_LIMIT);
    check(provider);
    return batches
        .list(new Listing(Owner.of(request), provider, after, limit, true))
        .map(this::shape);
  }

  @GetMapping("/{id}")
  BatchObject retrieve(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable String provider,
      HttpServletRequest request) {
    return shape(find(id, provider, request));
  }

  @PostMapping("/{id}/cancel")
  BatchObject cancel(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable String provider,
      HttpServletRequest request) {
    find(id, provider, request);
    StoredBatch batch = batches.cancel(id);
    switch (batch.status()) {
      case CANCELLING -> runs.cancel(id);
      case CANCELLED -> {}
      case VALIDATING, IN_PROGRESS, FINALIZING, COMPLETED, FAILED, EXPIRED ->
          throw conflict(
              "Cannot cancel a batch with status '%s'.".formatted(batch.status().wireName()));
    }
    return shape(batch);
  }

  /** Returns the available results, also of cancelled, expired and failed batches. */
  @GetMapping("/{id}/results")
  ResponseEntity<StreamingResponseBody> results(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable String provider,
      HttpServletRequest request) {
    StoredBatch batch = find(id, provider, request);
    if (!batch.status().terminal()) {
      throw conflict(
          "The batch has no results yet: its status is '%s'. Try again when it has ended."
              .formatted(batch.status().wireName()));
    }
    List<StoredFile> files = results.of(batch).toList();
    if (files.isEmpty() && batch.outputFileId() != null) {
      throw ApiException.notFound("The results of batch '%s' were deleted.".formatted(id), null);
    }
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(out -> results.write(files, out));
  }

  private BatchObject shape(StoredBatch batch) {
    return BatchObject.of(runs.view(batch), runs.pace(batch));
  }

  private StoredBatch find(String id, @Nullable String provider, HttpServletRequest request) {
    check(provider);
    return (IdKind.BATCH.matches(id) ? batches.find(id) : Optional.<StoredBatch>empty())
        .filter(batch -> batch.order().owner().equals(Owner.of(request)))
        .filter(batch -> provider == null || batch.order().form().provider().equals(provider))
        .orElseThrow(
            () -> ApiException.notFound("No batch found with id '%s'.".formatted(id), null));
  }

  private void check(@Nullable String provider) {
    if (provider != null) {
      orders.checkProvider(provider);
    }
  }

  private static ApiException conflict(String message) {
    return new ApiException(409, ApiError.invalidRequest(message, null, null));
  }
}
