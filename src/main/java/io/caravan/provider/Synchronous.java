package io.caravan.provider;

import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How a provider answers requests one by one, outside of a batch.
 *
 * @param flex the {@code service_tier} of calls at the batch price; {@code none} if there is no
 *     such tier
 * @param standard the {@code service_tier} of calls at the full price; blank to send none, {@code
 *     none} if requests can only be sent in batches
 * @param models the model of such calls by the model of a batch, where they differ
 * @param otherModels whether models that are not listed can be called under their own name
 */
public record Synchronous(
    @DefaultValue(NO_TIER) String flex,
    @DefaultValue("") String standard,
    @DefaultValue Map<String, String> models,
    @DefaultValue("true") boolean otherModels) {
  private static final String NO_TIER = "none";

  /** No tiers, and every model under its own name. */
  public static final Synchronous PLAIN = new Synchronous(NO_TIER, "", Map.of(), true);

  /**
   * The {@code service_tier} to send, blank for none; empty if there is no such tier.
   *
   * @param cheap whether at the batch price
   */
  public Optional<String> serviceTier(boolean cheap) {
    return Optional.of((cheap ? flex : standard).strip()).filter(tier -> !tier.equals(NO_TIER));
  }

  /** The model to call for a batch's model; empty if that can only be used in batches. */
  public Optional<String> model(String model) {
    return Optional.ofNullable(models.getOrDefault(model, otherModels ? model : null));
  }
}
