package io.caravan.flow.inbox;

import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.Pipelines;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * What {@code direct:job-accept} needs to know of requests that did not arrive in an inbox.
 *
 * @param id of the job; null for a random one
 * @param provider counts if the pipeline allows any
 * @param client the client that owns it; null if it came without a key
 * @param name of the file
 * @param source its origin, as shown to the user
 * @param sending when it may be sent; null to let its pipeline decide
 * @param arrival identifies it when it is sent again
 */
public record NewJob(
    @Nullable String id,
    String pipeline,
    String provider,
    @Nullable String client,
    String name,
    String source,
    String arrival,
    @Nullable Sending sending) {
  /**
   * When a job may be sent, and how urgent it is.
   *
   * @param at {@link Instant#MIN} for at once
   * @param schedule where that time comes from; null if no schedule says it
   * @param deadline null for none
   */
  public record Sending(
      @Nullable Instant at, @Nullable String schedule, @Nullable Instant deadline, int priority) {}

  /** Describes the job in the headers of a message. */
  public void describe(Message message) {
    message.setHeader(Exchange.FILE_NAME, name);
    message.setHeader(InboxFile.SOURCE, source);
    message.setHeader(InboxFile.ARRIVAL, arrival);
    message.setHeader(Pipelines.HEADER, pipeline);
    message.setHeader(Pipelines.PROVIDER, provider);
    message.setHeader(CaravanHeaders.CLIENT, client);
    message.setHeader(Accept.NEW_JOB, id);
    if (sending != null) {
      if (sending.at() != null) {
        message.setHeader(CaravanHeaders.SEND_AT, sending.at());
        message.setHeader(CaravanHeaders.SEND_SCHEDULE, sending.schedule());
      }
      message.setHeader(CaravanHeaders.DEADLINE, sending.deadline());
      message.setHeader(CaravanHeaders.PRIORITY, sending.priority());
    }
  }
}
