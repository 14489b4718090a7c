package io.caravan.flow;

import io.caravan.jsonl.convert.ModelRule;
import io.caravan.jsonl.convert.Normalisation;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/** The settings of the flow, one record for each heading in config/application.yaml. */
public final class FlowProperties {
  private FlowProperties() {}

  /** What to do with content that was accepted before. */
  public enum Duplicates {
    REFUSE,
    ALLOW
  }

  /**
   * Settings without a heading.
   *
   * @param outbox the folder of results, errors and reports
   * @param duplicates what becomes of content that is dropped again
   * @param maxWait how long after its acceptance a job is given up
   * @param retention how long a finished job's files stay in the workspace
   * @param deleteProviderFiles delete our files at the provider when a job is released
   * @param workers how many jobs and parts are worked on at the same time
   */
  @Validated
  @ConfigurationProperties("caravan")
  public record General(
      @NotNull Path outbox,
      @NotNull Duplicates duplicates,
      @NotNull @DurationMin(hours = 24) Duration maxWait,
      @NotNull Duration retention,
      boolean deleteProviderFiles,
      @Positive int workers) {}

  /**
   * How rows become requests.
   *
   * @param templates the folder of the templates
   * @param prices the file of the prices
   * @param normalisation what some models want otherwise
   */
  @Validated
  @ConfigurationProperties("caravan")
  public record Requests(
      @NotNull Path templates, @NotNull Path prices, @DefaultValue List<ModelRule> normalisation) {
    /** For the requests of a pipeline. */
    public Normalisation normalisation(Pipeline pipeline) {
      return new Normalisation(normalisation, pipeline.isNormalise());
    }
  }

  /**
   * How much may be sent without asking, in USD; 0: any amount.
   *
   * @param file in one file
   * @param day in all files of a day
   * @param outputTokens how many an answer is taken to have
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.max-cost", ignoreUnknownFields = false)
  public record MaxCost(
      @PositiveOrZero double file, @PositiveOrZero double day, @PositiveOrZero int outputTokens) {}

  /**
   * What the folder inbox takes.
   *
   * @param quiet how long a file must not have been written to
   * @param quietUnfinished the same for a file whose last line has no end
   * @param subfolders also take files from subfolders
   * @param followLinks also take what symbolic links lead to
   * @param maxSize after decompression
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.intake", ignoreUnknownFields = false)
  public record Intake(
      @NotNull Duration quiet,
      @NotNull Duration quietUnfinished,
      boolean subfolders,
      boolean followLinks,
      @NotNull DataSize maxSize) {}

  /**
   * What a line may be.
   *
   * @param maxLineSize the longest line
   * @param maxRequests the most requests in one file
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.validation", ignoreUnknownFields = false)
  public record Validation(@NotNull DataSize maxLineSize, @Positive long maxRequests) {}

  /**
   * How often a status is asked.
   *
   * @param initial the first wait
   * @param max the longest wait, up to which they grow
   * @param notFoundGrace how long after its creation a batch may be unknown to its provider
   * @param answersGrace how long after its end answers that a batch counts may be missing
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.poll", ignoreUnknownFields = false)
  public record Poll(
      @NotNull Duration initial,
      @NotNull Duration max,
      @NotNull Duration notFoundGrace,
      @NotNull Duration answersGrace) {
    public Backoff backoff() {
      return new Backoff(initial, max, 1.5);
    }
  }

  /**
   * What a call to a provider may take.
   *
   * @param limit how long a call may take as a whole
   * @param transferLimit the same for calls by which files come and go
   * @param answerSize how large an answer may be that is no file
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.provider-call", ignoreUnknownFields = false)
  public record ProviderCall(
      @NotNull @DurationMin(seconds = 1) Duration limit,
      @NotNull @DurationMin(seconds = 1) Duration transferLimit,
      @NotNull DataSize answerSize) {}

  /**
   * What goes out again.
   *
   * @param maxAttempts how often a request is sent in all
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.resend", ignoreUnknownFields = false)
  public record Resend(@Positive int maxAttempts) {}

  /**
   * How long to wait before a failed step is tried again.
   *
   * @param initial the first wait
   * @param max the longest wait, up to which they grow
   * @param pause how long nothing is sent to a provider that refuses us as a whole
   * @param parkAfter how many failures in a row that no waiting will mend leave a job to an
   *     operator
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.retry", ignoreUnknownFields = false)
  public record Retry(
      @NotNull Duration initial,
      @NotNull Duration max,
      @NotNull Duration pause,
      @Positive int parkAfter) {
    public Backoff backoff() {
      return new Backoff(initial, max, 2);
    }
  }
}
