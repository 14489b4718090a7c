package io.caravan.flow.step;

import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipeline;
import io.caravan.flow.PipelineFile;
import io.caravan.flow.Templates;
import io.caravan.job.CannotStartException;
import io.caravan.jsonl.convert.Conversion;
import io.caravan.jsonl.convert.Converter;
import io.caravan.jsonl.convert.Format;
import io.caravan.jsonl.convert.Normalisation;
import io.caravan.jsonl.split.Acceptor;
import io.caravan.jsonl.split.FirstLook;
import io.caravan.jsonl.split.Intake;
import io.caravan.jsonl.split.PartLimits;
import io.caravan.jsonl.split.Split;
import io.caravan.jsonl.split.Splitter;
import io.caravan.jsonl.split.ValidationRules;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/** A dry run: validates and splits a file without a store, a job or a call to a provider. */
public final class Preflight {
  private final Provider provider;
  private final Templates templates;
  private final Normalisation normalisation;
  private final Pipeline pipeline;
  private final Charset charset;
  private final UpstreamNeed upstream;
  private final int maxLineBytes;
  private final long maxRequests;
  private final long maxBytes;

  private Preflight(Environment settings, String name) throws IOException {
    this.pipeline = PipelineFile.read(name, settings);
    this.charset = pipeline.encoding(name);
    Map<String, Provider> providers =
        Binder.get(settings).bind("caravan", Providers.class).get().providers();
    Provider named = providers.get(pipeline.getProvider());
    if (named == null) {
      throw new CannotStartException(
          "There is no provider \"%s\".".formatted(pipeline.getProvider()),
          "Use one of %s.".formatted(String.join(", ", providers.keySet())));
    }
    this.provider = named;
    FlowProperties.Requests requests =
        Binder.get(settings).bind("caravan", FlowProperties.Requests.class).get();
    this.templates = new Templates(requests, settings);
    this.upstream = new UpstreamNeed(settings);
    this.normalisation = requests.normalisation(pipeline);
    this.maxLineBytes = Math.toIntExact(size(settings, "caravan.validation.max-line-size"));
    this.maxRequests = settings.getRequiredProperty("caravan.validation.max-requests", Long.class);
    this.maxBytes = size(settings, "caravan.intake.max-size");
  }

  /** Creates the dry run for a pipeline; no API key is needed. */
  public static Preflight of(Environment settings, String pipeline) throws IOException {
    return new Preflight(settings, pipeline);
  }

  private static long size(Environment settings, String key) {
    return DataSize.parse(settings.getRequiredProperty(key)).toBytes();
  }

  /** Validates and splits the file; all output goes into the folder. */
  public Split check(Path file, Path folder) throws IOException {
    Path input = folder.resolve("input");
    try (InputStream in = Files.newInputStream(file)) {
      if (new Acceptor(maxBytes, charset).accept(in, input) instanceof Intake.Refused refused) {
        return Split.refused(folder, refused.message());
      }
    }
    String name = String.valueOf(file.getFileName());
    Format format = Format.of(name);
    Optional<String> otherForm =
        FirstLook.problem(input, format, provider.endpoints(), maxLineBytes);
    if (otherForm.isPresent()) {
      return Split.refused(folder, otherForm.get());
    }
    var splitter = new Splitter(rules(), limits());
    if (format == Format.JSONL && !normalisation.changesWholeLines()) {
      Split split = splitter.split(input, name, folder);
      if (!split.summary().needsConversion()) {
        return split;
      }
    }
    var converter =
        new Converter(templates.get(pipeline.getTemplate()), maxLineBytes, normalisation);
    return switch (converter.convert(input, format, folder)) {
      case Conversion.Refused refused -> Split.refused(folder, refused.problem());
      case Conversion.Converted converted ->
          splitter.split(folder.resolve(Converter.REQUESTS), name, folder);
    };
  }

  /** Why some requests cannot run, and what to do; empty if all can. */
  public Optional<String> problem(Split split) {
    return upstream.problem(provider, split.parts());
  }

  /** The assumed token counts of images and files. */
  public MediaTokens mediaTokens() {
    return provider.mediaTokens();
  }

  private ValidationRules rules() {
    return new ValidationRules(
        provider.endpoints(),
        maxRequests,
        maxBytes,
        maxLineBytes,
        provider.maxEmbeddingInputs(),
        any -> true,
        provider.rule());
  }

  private PartLimits limits() {
    return new PartLimits(
        provider.maxRequests(),
        provider.maxBytes().toBytes(),
        provider.maxEmbeddingInputs(),
        model -> provider.queueLimits().getOrDefault(model, Long.MAX_VALUE),
        provider.mediaTokens());
  }
}
