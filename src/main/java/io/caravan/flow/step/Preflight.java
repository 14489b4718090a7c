package io.caravan.flow.step;

import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipeline;
import io.caravan.flow.PipelineFile;
import io.caravan.flow.RequestLimits;
import io.caravan.flow.Templates;
import io.caravan.job.CannotStartException;
import io.caravan.jsonl.split.Acceptor;
import io.caravan.jsonl.split.InputSplitter;
import io.caravan.jsonl.split.Intake;
import io.caravan.jsonl.split.Split;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** A dry run: validates and splits a file without a store, a job or a call to a provider. */
public final class Preflight {
  private final Pipeline pipeline;
  private final Provider provider;
  private final Acceptor acceptor;
  private final Planner planner;

  /** Creates the dry run for the pipeline of that name; no API key is needed. */
  public Preflight(Environment settings, String name) throws IOException {
    Binder binder = Binder.get(settings);
    this.pipeline = PipelineFile.read(name, settings);
    Map<String, Provider> providers = binder.bind("caravan", Providers.class).get().providers();
    Provider named = providers.get(pipeline.getProvider());
    if (named == null) {
      throw new CannotStartException(
          "There is no provider \"%s\".".formatted(pipeline.getProvider()),
          "Use one of %s.".formatted(String.join(", ", providers.keySet())));
    }
    this.provider = named;
    var intake = binder.bind("caravan.intake", FlowProperties.Intake.class).get();
    var requests = binder.bind("caravan", FlowProperties.Requests.class).get();
    var maxCost = binder.bind("caravan.max-cost", FlowProperties.MaxCost.class).get();
    this.acceptor = new Acceptor(intake.maxSize().toBytes(), pipeline.encoding(name));
    this.planner =
        new Planner(
            requests,
            new RequestLimits(
                binder.bind("caravan.validation", FlowProperties.Validation.class).get(), intake),
            new Templates(requests, settings),
            Budget.withoutStore(maxCost, requests),
            new UpstreamNeed(settings));
  }

  /** Validates and splits the file for any client; all output goes into the folder. */
  public Split check(Path file, Path folder) throws IOException {
    Path input = folder.resolve("input");
    try (InputStream in = Files.newInputStream(file)) {
      if (acceptor.accept(in, input) instanceof Intake.Refused refused) {
        return Split.refused(folder, refused.message());
      }
    }
    InputSplitter splitter =
        planner.splitter(
            pipeline,
            provider,
            anyModel -> true,
            model -> provider.queueLimits().getOrDefault(model, Long.MAX_VALUE));
    return splitter.split(input, String.valueOf(file.getFileName()), folder);
  }

  /** Decides what would become of the file if no other were sent today. */
  public Plan plan(Split split) {
    return planner.plan(split, pipeline, pipeline.getProvider(), provider, false);
  }

  /** The assumed token counts of images and files. */
  public MediaTokens mediaTokens() {
    return provider.mediaTokens();
  }
}
