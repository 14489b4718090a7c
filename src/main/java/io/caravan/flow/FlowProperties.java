package io.caravan.flow;

import io.caravan.job.CannotStartException;
import io.caravan.jsonl.convert.ModelRule;
import io.caravan.jsonl.convert.Normalisation;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/** The settings of the flow, one record per heading in config/application.yaml. */
public final class FlowProperties {
  private FlowProperties() {}

  /** How content that was accepted before is treated. */
  public enum Duplicates {
    REFUSE,
    ALLOW
  }

  /**
   * Settings without a heading.
   *
   * @param outbox the folder of results, errors and reports
   * @param duplicates how content that is dropped again is treated
   * @param maxWait how long after acceptance a job is given up
   * @param retention how long a finished job's files stay in the workspace
   * @param deleteProviderFiles whether to delete our files at the provider when a job is released
   * @param workers the number of jobs and parts processed at the same time
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
   * The time zone of schedules, deadlines and days.
   *
   * @param zone its name; empty for that of the machine
   */
  @ConfigurationProperties("caravan")
  public record Zone(@DefaultValue("") String zone) {
    /** The zone that settings name, for commands beside a service. */
    public static ZoneId in(Environment settings) {
      return new Zone(settings.getProperty("caravan.zone", "")).id();
    }

    /** The zone. */
    ZoneId id() {
      try {
        return zone.isBlank() ? ZoneId.systemDefault() : ZoneId.of(zone.strip());
      } catch (DateTimeException e) {
        throw new CannotStartException(
            "There is no time zone \"%s\" (caravan.zone).".formatted(zone),
            "Use one such as Europe/Berlin or UTC.");
      }
    }
  }

  /**
   * How rows become requests.
   *
   * @param templates the folder of request templates
   * @param prices the price file
   * @param normalisation changes to requests for some models
   */
  @Validated
  @ConfigurationProperties("caravan")
  public record Requests(
      @NotNull Path templates, @NotNull Path prices, @DefaultValue List<ModelRule> normalisation) {
    /** The normalisation for the requests of a pipeline. */
    public Normalisation normalisation(Pipeline pipeline) {
      return new Normalisation(normalisation, pipeline.isNormalise());
    }
  }

  /**
   * The cost limits above which a job is held for release, in USD; 0 means no limit.
   *
   * @param file the limit per file
   * @param day the limit for all files of a day
   * @param outputTokens the assumed tokens of an answer
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.max-cost", ignoreUnknownFields = false)
  public record MaxCost(
      @PositiveOrZero double file, @PositiveOrZero double day, @PositiveOrZero int outputTokens) {}

  /**
   * Which files the folder inbox takes.
   *
   * @param quiet how long a file must be unchanged
   * @param quietUnfinished the same for a file without a final line end
   * @param subfolders whether to take files from subfolders
   * @param followLinks whether to follow symbolic links
   * @param maxSize the maximum size after decompression
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
   * The limits of input files.
   *
   * @param maxLineSize the maximum size of a line
   * @param maxRequests the maximum number of requests in one file
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.validation", ignoreUnknownFields = false)
  public record Validation(@NotNull DataSize maxLineSize, @Positive long maxRequests) {}

  /**
   * Which parts get room at a provider first.
   *
   * @param ageing the wait by which a priority grows by one, so that nothing waits forever
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.priority", ignoreUnknownFields = false)
  public record Priority(@NotNull @DurationMin(seconds = 1) Duration ageing) {}

  /**
   * How often batch statuses are polled.
   *
   * @param initial the first wait
   * @param max the maximum wait
   * @param notFoundGrace how long after its creation a batch may be unknown to its provider
   * @param answersGrace how long after the end of a batch counted answers may be missing
   * @param maxWithWebhooks the maximum wait while the provider reports its batches by webhooks
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.poll", ignoreUnknownFields = false)
  public record Poll(
      @NotNull Duration initial,
      @NotNull Duration max,
      @NotNull Duration notFoundGrace,
      @NotNull Duration answersGrace,
      @DefaultValue("5m") @NotNull Duration maxWithWebhooks) {
    public Backoff backoff() {
      return new Backoff(initial, max, 1.5);
    }

    /** The waits while the provider reports its batches by webhooks. */
    public Backoff backoffWithWebhooks() {
      return new Backoff(initial, maxWithWebhooks, 1.5);
    }
  }

  /**
   * Webhooks by which providers report that a batch has ended.
   *
   * @param url the address at which providers reach this service, such as {@code
   *     https://caravan.example.org}; blank for none
   * @param openaiSecret the signing secrets of OpenAI's webhooks, several while one is replaced
   * @param geminiSecret the same for Gemini's static webhooks
   * @param geminiKeys the URL of the public keys that sign Gemini's dynamic webhooks; blank for
   *     {@code /.well-known/jwks.json} at the provider's host
   * @param geminiAudience the audience that Gemini's dynamic webhooks must name; blank for any
   */
  @ConfigurationProperties(prefix = "caravan.webhooks", ignoreUnknownFields = false)
  public record Webhooks(
      @DefaultValue("") String url,
      @DefaultValue("") String openaiSecret,
      @DefaultValue("") String geminiSecret,
      @DefaultValue("") String geminiKeys,
      @DefaultValue("") String geminiAudience) {
    /** The path that ends in the name of a dialect. */
    public static final String PATH = "/webhooks/";

    private static final String ADDRESS = "https?://[^/?#\\s]+(/[^?#\\s]*)?";

    public Webhooks {
      url = url.strip().replaceAll("/+$", "");
      if (!url.isEmpty() && !url.matches(ADDRESS)) {
        throw new IllegalArgumentException(
            "caravan.webhooks.url must be an address such as https://caravan.example.org");
      }
      if (!geminiKeys.isBlank() && !geminiKeys.strip().matches(ADDRESS)) {
        throw new IllegalArgumentException(
            "caravan.webhooks.gemini-keys must be a URL such as https://HOST/.well-known/jwks.json");
      }
    }

    /** The address at which a provider of that dialect reports events, if there is one. */
    public Optional<String> address(String dialect) {
      return url.isEmpty() ? Optional.empty() : Optional.of(url + PATH + dialect);
    }

    /** Never shows the secrets. */
    @Override
    public String toString() {
      return "webhooks at " + url;
    }
  }

  /**
   * The limits of a call to a provider.
   *
   * @param limit the time limit of a whole call
   * @param transferLimit the time limit of a file transfer
   * @param answerSize the maximum size of an answer other than a file
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.provider-call", ignoreUnknownFields = false)
  public record ProviderCall(
      @NotNull @DurationMin(seconds = 1) Duration limit,
      @NotNull @DurationMin(seconds = 1) Duration transferLimit,
      @NotNull DataSize answerSize) {}

  /**
   * How unanswered requests are resent.
   *
   * @param maxAttempts the maximum number of times a request is sent
   */
  @Validated
  @ConfigurationProperties(prefix = "caravan.resend", ignoreUnknownFields = false)
  public record Resend(@Positive int maxAttempts) {}

  /**
   * How failed steps are retried.
   *
   * @param initial the first wait
   * @param max the maximum wait
   * @param pause the pause between trial calls to a provider that refuses access
   * @param parkAfter the number of consecutive failures, of a kind that waiting does not fix, after
   *     which a job is parked
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
