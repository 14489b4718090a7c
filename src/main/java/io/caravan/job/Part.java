package io.caravan.job;

import io.caravan.jsonl.split.PartFile;
import io.caravan.jsonl.tokens.Tokens;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One slice of a job, small enough for one provider batch.
 *
 * @param number of the first part that these requests were in, counted from 1
 * @param name unique in the job: {@code 1}, and {@code 1.1} for what came out of it
 * @param attempt how often its requests have been sent with this part, counted from 1
 * @param key travels in the provider's metadata, so that a batch is found again and never created
 *     twice
 * @param requests lines in the part's file
 * @param bytes of the part's file
 * @param textTokens of its prompts, as they were estimated
 * @param mediaTokens of images and files in them
 * @param uploads how many uploads were begun
 * @param turnedAway how often its batch failed for want of room in the provider's queue
 * @param unclearSince since when it is not known whether the call that was begun came through
 * @param keyAlias tells the key that made the batch from others, which may not see it
 * @param cancelledAt when the provider was asked to cancel the batch
 * @param batchErrors the provider's reasons for failing the batch, as JSON
 * @param polls how often the status was asked
 * @param tries failures in a row of the step that is due
 * @param setback what went wrong the last time
 * @param parkedAt since when it waits for an operator, who alone can set it going again
 * @param owner the replica that works on it
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
    long requests,
    long bytes,
    long textTokens,
    long mediaTokens,
    PartStatus status,
    int uploads,
    int turnedAway,
    @Nullable Instant unclearSince,
    @Nullable String inputFileId,
    @Nullable String batchId,
    @Nullable String keyAlias,
    @Nullable BatchStatus batchStatus,
    @Nullable String outputFileId,
    @Nullable String errorFileId,
    long completed,
    long failed,
    @Nullable String batchErrors,
    @Nullable Instant submittedAt,
    @Nullable Instant cancelledAt,
    @Nullable Instant endedAt,
    Instant dueAt,
    int polls,
    int tries,
    @Nullable String setback,
    @Nullable Instant parkedAt,
    long version,
    @Nullable String owner)
    implements Claimed, PartBuilder.With {

  /** A part whose file is in the workspace and that no provider has heard of. */
  public static Part planned(Job job, PartFile file, Instant now) {
    int number = file.number();
    return unsent(file.requests(), file.bytes(), file.tokens(), now)
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

  /** Whether all of its requests were in another part before. */
  public boolean isFurther() {
    return name.contains(".");
  }

  /**
   * A further part for some of this part's requests.
   *
   * @param child counts the parts that come out of this one, from 1
   */
  public Part further(
      int child, int attempt, long requests, long bytes, Tokens tokens, Instant now) {
    return unsent(requests, bytes, tokens, now)
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

  private static PartBuilder unsent(long requests, long bytes, Tokens tokens, Instant now) {
    return PartBuilder.builder()
        .requests(requests)
        .bytes(bytes)
        .textTokens(tokens.text())
        .mediaTokens(tokens.media())
        .status(PartStatus.PLANNED)
        .dueAt(now);
  }

  /** The name of a further part. */
  public String nameOf(int child) {
    return name + "." + child;
  }

  /**
   * What the batch carries in its metadata: the same for each try of a create, so that one that
   * came through late is found, and another one once a batch was turned away.
   */
  public String batchKey() {
    return turnedAway == 0 ? key : key + "/" + (turnedAway + 1);
  }

  /** No provider took it, whatever has become of it since. */
  public boolean refused() {
    return status == PartStatus.REFUSED || (status == PartStatus.SETTLED && batchId == null);
  }

  /** Where the part waits at its provider: prompt tokens are limited for each of these. */
  public String queue() {
    return queue(provider, model);
  }

  /** Where the parts of a model wait at a provider. */
  public static String queue(String provider, String model) {
    return provider + "/" + model;
  }

  /** About how many tokens its prompts have. */
  public Tokens tokens() {
    return new Tokens(textTokens, mediaTokens);
  }

  @Override
  public String step() {
    return "batch-" + status.verb();
  }
}
