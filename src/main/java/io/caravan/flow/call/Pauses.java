package io.caravan.flow.call;

import io.caravan.flow.FlowProperties;
import io.caravan.job.Claims;
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
 * Pauses providers that refuse access, as with a revoked key, or stop answering: only one call is
 * tried now and then, and everything resumes once one succeeds.
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

  /** Pauses a provider that does not answer. */
  void pause(String provider, String reason) {
    pause(provider, Outages.State.UNAVAILABLE, reason, "One");
  }

  /** Pauses a provider that refuses access. */
  public void refused(String provider, String reason) {
    pause(
        provider,
        Outages.State.REFUSES,
        reason,
        "Fix it at the provider, or restart with another key; one");
  }

  private void pause(String provider, Outages.State state, String reason, String advice) {
    pauses.put(provider, new Pause(clock.instant().plus(length), reason));
    outages.note(
        provider,
        state,
        "%s %s call is tried every %d s.".formatted(reason, advice, length.toSeconds()));
  }

  /** Ends the pause after a successful call. */
  void resume(String provider) {
    pauses.remove(provider);
    outages.end(provider);
  }

  /** Why the provider is paused; empty if it is not. */
  public Optional<String> reason(String provider) {
    return Optional.ofNullable(pauses.get(provider)).map(Pause::reason);
  }

  /** Paused providers, for which nothing is claimed. */
  public Set<String> paused() {
    Instant now = clock.instant();
    return pauses.entrySet().stream()
        .filter(pause -> now.isBefore(pause.getValue().until()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /**
   * Returns the claimed parts without those of paused providers, except one part as a trial once
   * the pause is over; releases the others.
   *
   * @param claimedWithout providers that the claim left out; parts of theirs make no call
   */
  public List<Part> admitted(List<Part> claimed, Set<String> claimedWithout, Claims claims) {
    return claimed.stream()
        .filter(part -> {
          boolean admitted = claimedWithout.contains(part.provider()) || admits(part.provider());
          if (!admitted) {
            claims.release(part);
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
