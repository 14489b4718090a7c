package io.caravan.flow.call;

import io.caravan.flow.FlowProperties;
import io.caravan.job.BatchStore;
import io.caravan.job.Part;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Providers that refuse us as a whole, as with a revoked key: nothing is sent there but one call
 * now and then, and all goes on once that one comes through.
 */
@Component("pauses")
public class Pauses {
  private final Map<String, Pause> pauses = new ConcurrentHashMap<>();
  private final Clock clock;
  private final Outages outages;
  private final Duration length;

  private record Pause(Instant until, String reason) {}

  public Pauses(Clock clock, Outages outages, FlowProperties.Retry settings) {
    this.clock = clock;
    this.outages = outages;
    this.length = settings.pause();
  }

  /** The provider does not answer, so that nothing goes there for a while. */
  void pause(String provider, String reason) {
    pause(provider, Outages.State.UNAVAILABLE, reason, "One");
  }

  /** The provider refuses us, so that nothing goes there for a while. */
  public void refused(String provider, String reason) {
    pause(
        provider, Outages.State.REFUSES, reason, "Mend it there, or restart with another key; one");
  }

  private void pause(String provider, Outages.State state, String reason, String advice) {
    pauses.put(provider, new Pause(clock.instant().plus(length), reason));
    outages.note(
        provider,
        state,
        "%s %s call is tried every %d s.".formatted(reason, advice, length.toSeconds()));
  }

  /** A call came through. */
  void resume(String provider) {
    pauses.remove(provider);
    outages.end(provider);
  }

  /** Why nothing goes to a provider. */
  public Optional<String> reason(String provider) {
    return Optional.ofNullable(pauses.get(provider)).map(Pause::reason);
  }

  /** Providers that nothing is to be claimed for. */
  public Set<String> paused() {
    Instant now = clock.instant();
    return pauses.entrySet().stream()
        .filter(pause -> now.isBefore(pause.getValue().until()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /**
   * The claimed parts without those of paused providers, of which the first alone is tried.
   *
   * @param claimedWithout providers that were left out: a part of theirs does not call them
   */
  public List<Part> admitted(List<Part> claimed, Set<String> claimedWithout, BatchStore store) {
    return claimed.stream()
        .filter(part -> {
          boolean admitted = claimedWithout.contains(part.provider()) || admits(part.provider());
          if (!admitted) {
            store.release(part);
          }
          return admitted;
        })
        .toList();
  }

  private boolean admits(String provider) {
    Pause pause = pauses.get(provider);
    return pause == null
        || (!clock.instant().isBefore(pause.until())
            && pauses.replace(
                provider, pause, new Pause(clock.instant().plus(length), pause.reason())));
  }
}
