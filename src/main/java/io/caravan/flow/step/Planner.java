package io.caravan.flow.step;

import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipeline;
import io.caravan.flow.RequestLimits;
import io.caravan.flow.Templates;
import io.caravan.jsonl.split.InputSplitter;
import io.caravan.jsonl.split.PartFile;
import io.caravan.jsonl.split.Split;
import io.caravan.jsonl.split.Summary;
import io.caravan.provider.Provider;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.springframework.stereotype.Component;

/** How files are split and which parts are sent: the same for a job and for a dry run. */
@Component
class Planner {
  private final FlowProperties.Requests requests;
  private final RequestLimits limits;
  private final Templates templates;
  private final Budget budget;
  private final UpstreamNeed upstream;

  Planner(
      FlowProperties.Requests requests,
      RequestLimits limits,
      Templates templates,
      Budget budget,
      UpstreamNeed upstream) {
    this.requests = requests;
    this.limits = limits;
    this.templates = templates;
    this.budget = budget;
    this.upstream = upstream;
  }

  /**
   * The splitter of a pipeline's files.
   *
   * @param models accepts the allowed models
   * @param maxTokens of a part, by model
   */
  InputSplitter splitter(
      Pipeline pipeline,
      Provider provider,
      Predicate<String> models,
      ToLongFunction<String> maxTokens) {
    return new InputSplitter(
        limits.rules(provider, models),
        limits.parts(provider, maxTokens),
        requests.normalisation(pipeline),
        () -> templates.get(pipeline.getTemplate()));
  }

  /**
   * Decides what becomes of a file.
   *
   * @param providerName which may differ from the pipeline's
   * @param released whether an operator released the file, so that its cost does not hold it
   */
  Plan plan(
      Split split, Pipeline pipeline, String providerName, Provider provider, boolean released) {
    Summary summary = split.summary();
    if (summary.requests() == 0) {
      return new Plan.Refused(String.join(" ", summary.problems()));
    }
    boolean strict = pipeline.isStrict() && summary.refused() > 0;
    List<PartFile> sent = strict ? List.of() : split.parts();
    Budget.Estimate cost = budget.estimate(sent, providerName, provider);
    Optional<String> excess = released ? Optional.empty() : budget.excess(cost);
    return excess.isPresent()
        ? new Plan.Held("held for release: " + excess.get(), cost.amount())
        : new Plan.Sent(sent, cost.amount(), upstream.problem(provider, sent));
  }
}
