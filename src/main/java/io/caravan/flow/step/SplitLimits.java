package io.caravan.flow.step;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.job.Job;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.send.QueueLimits;
import io.caravan.job.send.TokenRates;
import io.caravan.provider.Provider;
import java.time.Clock;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The maximum size of a job's parts. Learned queue limits change, and a replica that was frozen
 * while splitting may resume beside the one that took over. Both must split alike, so the queue
 * limits are first stored in the job's row, in estimated tokens.
 */
@Component
class SplitLimits {
  private static final JsonMapper JSON = new JsonMapper();

  private final JobStore store;
  private final QueueLimits limits;
  private final TokenRates rates;
  private final Clock clock;

  SplitLimits(JobStore store, QueueLimits limits, TokenRates rates, Clock clock) {
    this.store = store;
    this.limits = limits;
    this.rates = rates;
    this.clock = clock;
  }

  /** Returns the job with its queue limits stored. */
  Job fixed(Job job, Provider provider) {
    if (job.queueLimits() != null) {
      return job;
    }
    Map<String, Long> tokens =
        limits.limits(job.provider(), clock.instant().minus(Admission.BELIEVED));
    tokens.putAll(provider.queueLimits());
    tokens.replaceAll((model, most) -> (long) (most / rates.of(Part.queue(job.provider(), model))));
    return store.update(job, b -> b.queueLimits(JSON.valueToTree(tokens).toString()));
  }

  /** The most estimated prompt tokens of a part, by model. */
  static ToLongFunction<String> maxTokens(Job job) {
    Map<String, Long> tokens = read(job.queueLimits());
    return model -> tokens.getOrDefault(model, Long.MAX_VALUE);
  }

  private static Map<String, Long> read(@Nullable String json) {
    if (json == null) {
      return Map.of();
    }
    try {
      return JSON.readValue(json, new TypeReference<>() {});
    } catch (JacksonException e) {
      throw new IllegalStateException("The queue limits in the store are not valid JSON.", e);
    }
  }
}
