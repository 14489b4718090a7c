package io.caravan.flow;

import io.caravan.batch.Batch;
import io.caravan.batch.BatchStore;
import io.caravan.batch.Part;
import io.caravan.batch.PartBuilder;
import io.caravan.batch.PartStatus;
import java.time.Clock;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Writes what is about to be sent before it is sent, and what came of it after. */
@Component("submit")
public class Submit {
  private final BatchStore store;
  private final Clock clock;
  private final Backoff poll;

  Submit(BatchStore store, Clock clock, FlowProperties.Poll poll) {
    this.store = store;
    this.clock = clock;
    this.poll = poll.backoff();
  }

  /** From here on an upload may exist at the provider. */
  public void intendUpload(@ExchangeProperty("part") Part part, Exchange exchange) {
    keep(part, b -> b.status(PartStatus.UPLOADING), exchange);
  }

  /** From here on a batch may exist at the provider. */
  public void intendCreate(@ExchangeProperty("part") Part part, Exchange exchange) {
    keep(part, b -> b.status(PartStatus.CREATING), exchange);
  }

  /** An interrupted upload was looked for: it is there, or it has to be sent. */
  public void fileSearched(
      @ExchangeProperty("part") Part part,
      @ExchangeProperty("found") @Nullable Object fileId,
      Exchange exchange) {
    if (fileId instanceof String id) {
      uploaded(part, id, exchange);
    } else {
      keep(part, b -> b.status(PartStatus.PLANNED), exchange);
    }
  }

  /** An interrupted create was looked for: it is there, or it has to be sent. */
  public void batchSearched(
      @ExchangeProperty("part") Part part,
      @ExchangeProperty("found") @Nullable Object batch,
      Exchange exchange) {
    if (batch instanceof Batch found) {
      created(part, found, exchange);
    } else {
      keep(part, b -> b.status(PartStatus.UPLOADED), exchange);
    }
  }

  void uploaded(Part part, String fileId, Exchange exchange) {
    keep(part, b -> b.status(PartStatus.UPLOADED).inputFileId(fileId), exchange);
  }

  void created(Part part, Batch batch, Exchange exchange) {
    keep(
        part,
        b ->
            b.status(PartStatus.SUBMITTED)
                .batchId(batch.id())
                .batchStatus(batch.status())
                .submittedAt(clock.instant())
                .dueAt(clock.instant().plus(poll.after(0)))
                .tries(0)
                .setback(null),
        exchange);
  }

  private void keep(Part part, Consumer<PartBuilder> change, Exchange exchange) {
    exchange.setProperty("part", store.update(part, change));
    exchange.removeProperty("found");
    exchange.removeProperty("after");
  }
}
