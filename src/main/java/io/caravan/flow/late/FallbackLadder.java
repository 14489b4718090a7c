package io.caravan.flow.late;

import io.caravan.flow.Fallback;
import io.caravan.flow.Pipeline;
import io.caravan.flow.Pipelines;
import io.caravan.flow.synchronous.SynchronousCalls;
import io.caravan.flow.synchronous.Tier;
import io.caravan.job.BatchStatus;
import io.caravan.job.CutShort;
import io.caravan.job.Part;
import io.caravan.job.Way;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The tiers in which requests are sent one by one, one after the other, instead of a batch. */
@Component
public class FallbackLadder {
  private static final Logger LOG = LoggerFactory.getLogger(FallbackLadder.class);

  private final Pipelines pipelines;
  private final Providers providers;
  private final SynchronousCalls calls;

  FallbackLadder(Pipelines pipelines, Providers providers, SynchronousCalls calls) {
    this.pipelines = pipelines;
    this.providers = providers;
    this.calls = calls;
  }

  /** A pipeline that is gone has the usual settings: it does not fall back. */
  private Pipeline pipeline(String name) {
    return pipelines.find(name).orElseGet(Pipeline::new);
  }

  /** The fall-back of a pipeline. */
  public Fallback of(String pipeline) {
    return pipeline(pipeline).getFallback();
  }

  /** The first tier for the requests of a part, if its pipeline falls back for that reason. */
  public Optional<Way> first(Part part, CutShort reason) {
    return of(part.pipeline()).happensFor(reason) ? from(part, 0) : Optional.empty();
  }

  /** The tier in which the requests of a new part are sent at once, if its pipeline says so. */
  public Optional<Way> atOnce(Part part, long requestsOfJob) {
    Pipeline own = pipeline(part.pipeline());
    if (!own.skipsBatch(requestsOfJob)) {
      return Optional.empty();
    }
    Optional<Way> first = from(part, 0);
    if (first.isEmpty()) {
      LOG.warn(
          "part={} pipeline={} goes into a batch, although the pipeline's mode is {}: no tier of fallback.ladder is possible for {} at {}",
          part.id(),
          part.pipeline(),
          own.getMode().name().toLowerCase(Locale.ROOT),
          part.model(),
          part.provider());
    }
    return first;
  }

  /** The tier after that of a part, for requests that it left without an answer. */
  public Optional<Way> next(Part part) {
    return from(part, of(part.pipeline()).ladder().indexOf(part.calls().way()) + 1);
  }

  private Optional<Way> from(Part part, int rung) {
    Pipeline own = pipeline(part.pipeline());
    return own.getFallback().ladder().stream()
        .skip(rung)
        .filter(way -> way == Way.FLEX || mayCostFullPrice(own, part.provider()))
        .filter(way -> calls.offers(part.provider(), tier(way), part.model(), part.endpoint()))
        .findFirst();
  }

  /** Full prices need a limit, or a pipeline that asks for nothing else. */
  private boolean mayCostFullPrice(Pipeline pipeline, String provider) {
    Provider to = providers.providers().get(provider);
    return to != null
        && (to.isFree()
            || pipeline.getMode() == Pipeline.Mode.SYNCHRONOUS
            || pipeline.getFallback().maxCost().signum() > 0);
  }

  /** The tier of calls that go that way. */
  public static Tier tier(Way way) {
    return switch (way) {
      case FLEX -> Tier.FLEX;
      case STANDARD -> Tier.STANDARD;
      case BATCH -> throw new IllegalArgumentException("a batch has no tier");
    };
  }

  /** Why calls follow a batch that has ended or was refused; null if the usual rules decide. */
  public static @Nullable CutShort reason(Part part) {
    CutShort cut = part.calls().cutShort();
    if (cut != null) {
      return cut;
    }
    return switch (part.status()) {
      case REFUSED -> CutShort.REFUSED;
      case RETRIEVED ->
          part.submission().batchStatus() == BatchStatus.FAILED ? CutShort.FAILED : null;
      default -> null;
    };
  }
}
