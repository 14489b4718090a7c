package io.caravan.flow.inbox;

import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.Pipelines;
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
 * @param arrival identifies it when it is sent again
 */
public record NewJob(
    @Nullable String id,
    String pipeline,
    String provider,
    @Nullable String client,
    String name,
    String source,
    String arrival) {
  /** Describes the job in the headers of a message. */
  public void describe(Message message) {
    message.setHeader(Exchange.FILE_NAME, name);
    message.setHeader(InboxFile.SOURCE, source);
    message.setHeader(InboxFile.ARRIVAL, arrival);
    message.setHeader(Pipelines.HEADER, pipeline);
    message.setHeader(Pipelines.PROVIDER, provider);
    message.setHeader(CaravanHeaders.CLIENT, client);
    message.setHeader(Accept.NEW_JOB, id);
  }
}
