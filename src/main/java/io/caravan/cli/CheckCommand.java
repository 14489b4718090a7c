package io.caravan.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.cost.Price;
import io.caravan.cost.Prices;
import io.caravan.flow.step.Plan;
import io.caravan.flow.step.Preflight;
import io.caravan.jsonl.split.PartFile;
import io.caravan.jsonl.split.Split;
import io.caravan.jsonl.split.TokenSample;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.jsonl.tokens.Tokens;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caravan check}: validates files and estimates their cost without sending anything. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the problems of files, how they would be split, and about what they would cost.",
      "Sends and stores nothing, and needs no service. Tokens are counted with the model's tokenizer if it is public (OpenAI's),",
      "else with o200k_base; other models may count a third more. For large files, only a sample of requests is counted. Images and files",
      "have fixed estimates."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:every line is fine", "1:there are problems", "2:wrong usage"})
final class CheckCommand implements Callable<Integer> {
  private static final int SHOWN = 20;

  /** About how many bytes of a part are tokenized, which takes a second or two. */
  private static final long COUNTED = 8 << 20;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private InputFiles input = new InputFiles();

  @Option(
      names = "--output-tokens",
      paramLabel = "N",
      description = "Tokens of each answer, for the price; without it the price excludes answers.")
  private int outputTokens;

  @Override
  public Integer call() throws IOException {
    try (ConfigurableApplicationContext settings = OperatorCommand.settings()) {
      var preflight = new Preflight(settings.getEnvironment(), input.pipeline());
      Prices prices =
          Prices.read(Path.of(settings.getEnvironment().getRequiredProperty("caravan.prices")));
      boolean fine = true;
      for (Path file : input.files()) {
        fine &= check(file, preflight, prices);
      }
      return fine ? 0 : 1;
    }
  }

  private boolean check(Path file, Preflight preflight, Prices prices) throws IOException {
    Path folder = Files.createTempDirectory("caravan-check");
    try {
      Split split = preflight.check(file, folder);
      tell(file, split, preflight.mediaTokens(), prices);
      tell(split, preflight.plan(split));
      return split.summary().problems().isEmpty() && split.summary().refused() == 0;
    } finally {
      FileSystemUtils.deleteRecursively(folder);
    }
  }

  private void tell(Split split, Plan plan) {
    switch (plan) {
      case Plan.Refused refused -> {} // its problems are printed already
      case Plan.Held held -> say("  " + held.reason());
      case Plan.Sent sent -> {
        if (sent.parts().size() < split.parts().size()) {
          say("  nothing is sent, as the pipeline is strict and lines are bad");
        }
        sent.warning().ifPresent(warning -> say("  " + warning));
      }
    }
  }

  private void say(String message) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(message);
    out.flush();
  }

  private void tell(Path file, Split split, MediaTokens media, Prices prices) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%s: requests %,d, bad %,d, parts %,d%n",
        file,
        split.summary().requests(),
        split.summary().refused(),
        split.parts().size());
    split.summary().problems().forEach(problem -> out.println("  " + problem));
    tellRefused(split, out);
    Map<String, Cost> models = new LinkedHashMap<>();
    for (PartFile part : split.parts()) {
      models.merge(part.model(), Cost.of(part, media), Cost::plus);
    }
    models.forEach((model, cost) -> tell(model, cost, prices.of(model), out));
    out.flush();
  }

  private static void tellRefused(Split split, PrintWriter out) throws IOException {
    if (split.summary().refused() == 0) {
      return;
    }
    var json = new JsonMapper();
    try (Stream<String> lines = Files.lines(split.refused())) {
      for (String line : lines.limit(SHOWN).toList()) {
        out.println("  " + json.readTree(line).at("/error/message").asText());
      }
    }
    if (split.summary().refused() > SHOWN) {
      out.printf(Locale.ROOT, "  and %,d more%n", split.summary().refused() - SHOWN);
    }
  }

  private void tell(String model, Cost cost, Optional<Price> price, PrintWriter out) {
    long answers = cost.requests() * outputTokens;
    out.printf(
        Locale.ROOT,
        "  %s: %,d requests, about %,d tokens (%s)",
        model,
        cost.requests(),
        cost.tokens(),
        cost.how(Tokenizer.of(model)));
    if (price.isPresent()) {
      out.printf(
          Locale.ROOT,
          ", about $%.6f in batches ($%.6f one by one)%s%n",
          price.get().batch(cost.tokens(), answers),
          price.get().synchronous(cost.tokens(), answers),
          outputTokens == 0 ? " without the answers" : "");
    } else {
      out.println(", price unknown: add the model to the file of caravan.prices");
    }
    out.printf(
        Locale.ROOT,
        "    estimated from the bytes alone, as for parts, queues and caravan.max-cost: %,d (%+d %%)%n",
        cost.estimated(),
        cost.tokens() == 0 ? 0 : Math.round(100.0 * cost.estimated() / cost.tokens() - 100));
  }

  /**
   * The requests and tokens of one model.
   *
   * @param texts text tokens, as counted by a tokenizer
   * @param media tokens of images and files
   * @param estimated all tokens, estimated without a tokenizer
   * @param every one of this many requests was counted
   */
  private record Cost(long requests, long texts, long media, long estimated, int every) {
    static Cost of(PartFile part, MediaTokens media) throws IOException {
      int every = (int) (part.bytes() / COUNTED + 1);
      TokenSample sample = TokenSample.of(part, every, media, Tokenizer.of(part.model())::count);
      Tokens tokens = part.tokens();
      long texts =
          Math.round((double) tokens.text() * sample.counted() / Math.max(1, sample.estimated()));
      return new Cost(part.requests(), texts, tokens.media(), tokens.at(1), every);
    }

    Cost plus(Cost other) {
      return new Cost(
          requests + other.requests,
          texts + other.texts,
          media + other.media,
          estimated + other.estimated,
          Math.max(every, other.every));
    }

    long tokens() {
      return texts + media;
    }

    String how(Tokenizer tokenizer) {
      return (every == 1 ? "" : "one in %d requests ".formatted(every))
          + "counted with "
          + tokenizer.name()
          + (tokenizer.own() ? "" : ", since its own is not public")
          + (media == 0 ? "" : String.format(Locale.ROOT, ", and %,d for images and files", media));
    }
  }
}
