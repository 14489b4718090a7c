package io.caravan.job;

import io.caravan.jsonl.split.PartFile;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A part of a job, small enough for one provider batch.
 *
 * @param number number of the original part of these requests, starting at 1
 * @param name unique in the job: {@code 1}, and {@code 1.1} for a further part created from it
 * @param attempt how often its requests were sent, including this part
 * @param key stored in the batch's metadata, so that an existing batch is found and not created
 *     twice
 * @param priority that of its job
 * @param calls how its requests are run
 * @param owner the replica that holds the row
 */
@RecordBuilder
public record Part(
    String id,
    String jobId,
    int number,
    String name,
    int attempt,
    String pipeline,
    String provider,
    String key,
    String endpoint,
    String model,
    PartSize size,
    PartStatus status,
    int priority,
    PartCalls calls,
    Submission submission,
    Schedule schedule,
    long version,
    @Nullable String owner)
    implements Claimed, PartBuilder.With {

  /** Creates a part whose file is in the workspace and has not been sent. */
  public static Part planned(Job job, PartFile file, Instant now) {
    int number = file.number();
    return unsent(PartSize.of(file.requests(), file.bytes(), file.tokens()), now)
        .priority(job.timing().priority())
        .endpoint(file.endpoint())
        .model(file.model())
        .id(job.id() + "-" + number)
        .jobId(job.id())
        .number(number)
        .name("" + number)
        .attempt(1)
        .pipeline(job.pipeline())
        .provider(job.provider())
        .key("caravan-" + job.id() + "-" + number)
        .build();
  }

  /** Whether this part was created from another part. */
  public boolean isFurther() {
    return name.contains(".");
  }

  /**
   * Creates a further part for some of this part's requests.
   *
   * @param child number of the further part, starting at 1
   */
  public Part further(int child, int attempt, PartSize size, Instant now) {
    return unsent(size, now)
        .priority(priority)
        .endpoint(endpoint)
        .model(model)
        .id(id + "." + child)
        .jobId(jobId)
        .number(number)
        .name(nameOf(child))
        .attempt(attempt)
        .pipeline(pipeline)
        .provider(provider)
        .key(key + "." + child)
        .build();
  }

  private static PartBuilder unsent(PartSize size, Instant now) {
    return PartBuilder.builder()
        .size(size)
        .status(PartStatus.PLANNED)
        .calls(PartCalls.BATCH)
        .submission(Submission.NONE)
        .schedule(Schedule.due(now));
  }

  /** The name of a further part. */
  public String nameOf(int child) {
    return name + "." + child;
  }

  /**
   * The key in the batch's metadata. It stays the same when a create is retried, so that a batch
   * created late is found, and changes after the provider's queue rejected a batch.
   */
  public String batchKey() {
    return submission.turnedAway() == 0 ? key : key + "/" + (submission.turnedAway() + 1);
  }

  /** Whether the part was refused and has no batch. */
  public boolean refused() {
    return status == PartStatus.REFUSED
        || (status == PartStatus.SETTLED && submission.batchId() == null);
  }

  /** The provider's queue for this part; providers limit the prompt tokens in each queue. */
  public String queue() {
    return queue(provider, model);
  }

  /** The queue of a model at a provider. */
  public static String queue(String provider, String model) {
    return provider + "/" + model;
  }

  /** Whether its requests are sent one by one. */
  public boolean isSynchronous() {
    return calls.way() != Way.BATCH;
  }

  @Override
  public String step() {
    boolean unsent = status == PartStatus.PLANNED || status == PartStatus.UPLOADED;
    return "batch-" + (unsent && isSynchronous() ? PartStatus.CALLING : status).verb();
  }
}
