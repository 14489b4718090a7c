package io.caravan.flow;

import io.caravan.jsonl.split.PartLimits;
import io.caravan.jsonl.split.ValidationRules;
import io.caravan.provider.Provider;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.springframework.stereotype.Component;

/** What requests to a provider must satisfy: our settings and the provider's limits. */
@Component
public class RequestLimits {
  private final FlowProperties.Validation validation;
  private final FlowProperties.Intake intake;

  public RequestLimits(FlowProperties.Validation validation, FlowProperties.Intake intake) {
    this.validation = validation;
    this.intake = intake;
  }

  /**
   * The rules for lines of a file.
   *
   * @param models accepts the allowed models
   */
  public ValidationRules rules(Provider provider, Predicate<String> models) {
    return new ValidationRules(
        provider.endpoints(),
        validation.maxRequests(),
        intake.maxSize().toBytes(),
        Math.toIntExact(validation.maxLineSize().toBytes()),
        provider.maxEmbeddingInputs(),
        models,
        provider.rule());
  }

  /**
   * The limits of a part.
   *
   * @param maxTokens of a part, by model
   */
  public PartLimits parts(Provider provider, ToLongFunction<String> maxTokens) {
    return new PartLimits(
        provider.maxRequests(),
        provider.maxBytes().toBytes(),
        provider.maxEmbeddingInputs(),
        maxTokens,
        provider.mediaTokens());
  }
}
