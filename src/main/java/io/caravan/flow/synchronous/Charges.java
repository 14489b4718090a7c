package io.caravan.flow.synchronous;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.cost.Price;
import io.caravan.cost.PriceFile;
import io.caravan.jsonl.tokens.TokenEstimate;
import io.caravan.provider.Provider;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What calls cost: exact decimals in USD. Not for several threads: it has an estimate. */
final class Charges {
  /** Estimates may be this much too low for a model with another tokenizer. */
  private static final double SAFETY = 1.5;

  private static final int MOST_TOKENS = 10_000_000;
  private static final BigDecimal HALF = new BigDecimal("0.5");
  private static final BigDecimal DOUBLE = BigDecimal.TWO;

  private final PriceFile prices;
  private final Provider provider;
  private final Tier tier;
  private final int outputTokens;
  private final TokenEstimate estimate;

  Charges(PriceFile prices, Provider provider, Tier tier, int outputTokens) {
    this.prices = prices;
    this.provider = provider;
    this.tier = tier;
    this.outputTokens = outputTokens;
    this.estimate = new TokenEstimate(provider.mediaTokens());
  }

  /**
   * The most that a call may cost.
   *
   * @param prompt its share for the prompt
   */
  record Most(BigDecimal prompt, BigDecimal total) {
    private static final Most NOTHING = new Most(BigDecimal.ZERO, BigDecimal.ZERO);
  }

  /** The most that a call may cost; empty if the price is unknown. */
  Optional<Most> most(String model, String url, JsonNode body, byte[] line, int start, int length) {
    if (provider.isFree()) {
      return Optional.of(Most.NOTHING);
    }
    long prompt = 8 + estimate.of(line, start, length).at(SAFETY);
    long output = answers(body) * (isShort(url) ? 0 : limit(body));
    return rates(model, null)
        .map(rates -> new Most(rates.cost(prompt, 0), rates.cost(prompt, output)));
  }

  /**
   * What an answered call costs; empty if the price is unknown.
   *
   * @param otherwise for answers that do not report their tokens
   */
  Optional<BigDecimal> actual(String model, AnswerFacts facts, BigDecimal otherwise) {
    if (provider.isFree()) {
      return Optional.of(BigDecimal.ZERO);
    }
    return rates(model, facts.tier())
        .map(rates -> facts.counted() ? rates.cost(facts.input(), facts.output()) : otherwise);
  }

  /** Embeddings and moderations have no output tokens. */
  private static boolean isShort(String url) {
    return url.endsWith("/embeddings")
        || url.endsWith("/embedContent")
        || url.endsWith("/moderations");
  }

  private static long answers(JsonNode body) {
    JsonNode several = body.has("n") ? body.path("n") : body.at("/generationConfig/candidateCount");
    return Math.clamp(several.asLong(1), 1, 128);
  }

  /** The limit of one answer, as the provider's own format names it. */
  private long limit(JsonNode body) {
    for (String name : new String[] {"max_completion_tokens", "max_output_tokens", "max_tokens"}) {
      if (body.path(name).isNumber()) {
        return Math.clamp(body.path(name).asLong(), 1, MOST_TOKENS);
      }
    }
    JsonNode gemini = body.at("/generationConfig/maxOutputTokens");
    return gemini.isNumber() ? Math.clamp(gemini.asLong(), 1, MOST_TOKENS) : outputTokens;
  }

  private Optional<Rates> rates(String model, @Nullable String served) {
    String target = provider.synchronous().model(model).orElse(model);
    return prices
        .prices()
        .of(model)
        .or(() -> prices.prices().of(target))
        .map(price -> rates(price, served == null ? tier.word() : served.toLowerCase(Locale.ROOT)));
  }

  /** A tier of an unknown name costs the full price. */
  private static Rates rates(Price price, String served) {
    BigDecimal input = BigDecimal.valueOf(price.input());
    BigDecimal output = BigDecimal.valueOf(price.output());
    return switch (served) {
      case "flex", "batch" ->
          new Rates(batch(price.batchInput(), input), batch(price.batchOutput(), output));
      case "priority", "fast" -> new Rates(input.multiply(DOUBLE), output.multiply(DOUBLE));
      default -> new Rates(input, output);
    };
  }

  private static BigDecimal batch(@Nullable Double own, BigDecimal full) {
    return own == null ? full.multiply(HALF) : BigDecimal.valueOf(own);
  }

  /** Prices of one token. */
  private record Rates(BigDecimal input, BigDecimal output) {
    BigDecimal cost(long prompt, long answer) {
      return input
          .multiply(BigDecimal.valueOf(prompt))
          .add(output.multiply(BigDecimal.valueOf(answer)));
    }
  }
}
