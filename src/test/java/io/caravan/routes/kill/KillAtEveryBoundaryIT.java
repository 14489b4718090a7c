package io.caravan.routes.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.kill.KillChain.Restart;
import io.caravan.routes.kill.KillRecord.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills ({@code kill -9}) the packaged application before and after every write to the store, every
 * call to the provider and every rename. A run records these boundaries, so new steps are covered;
 * a call that is never killed is reported. {@code ./mvnw verify} tests only the calls that may cost
 * money twice; {@code -Pthorough} tests all in about ten minutes, and {@code -Dkill.only=} is a
 * pattern for the names of boundaries, such as {@code openai-}.
 */
@Tag("scaled")
class KillAtEveryBoundaryIT {
  private static final Path ROUTES = Path.of("routes/providers/openai.camel.yaml");
  private static final Pattern ONLY =
      Pattern.compile(System.getProperty("kill.only", "openai-post-"));
  private static final int SIDE_BY_SIDE = 2;
  private static final int MAX_TRIES = 6;

  /** Calls that only operators cause; a separate test covers them. */
  private static final Set<String> OPERATORS = Set.of("openai-post-cancel");

  @TempDir Path folder;
  private final Set<String> known = new TreeSet<>();

  /** Transitions in undisturbed journeys; those that only restarts reach are added when seen. */
  private final Set<String> transitions = new TreeSet<>();

  private final List<KillChain> chains = new ArrayList<>();

  /** Kills after which a restart did not reach the next boundary to kill at. */
  private final Set<String> tried = new ConcurrentSkipListSet<>();

  @Test
  void survivesKillBeforeAndAfterEveryStep() throws Exception {
    try (var provider = new CountingProvider()) {
      new KillFolder(folder.resolve("warm"), provider).warmUp();
    }
    Path agent = AgentJar.write(folder.resolve("agent.jar"));
    Map<Moment, String> journeys = new LinkedHashMap<>();
    for (String journey : List.of("k", "e")) {
      record(agent, journey).forEach(moment -> journeys.put(moment, journey));
    }
    assertThat(transitions).as("writes to the store").isNotEmpty();
    try {
      for (int i = 0; i < SIDE_BY_SIDE; i++) {
        chains.add(new KillChain(folder.resolve("chain-" + i), agent));
      }
      sideBySide(i -> killAtEach(chains.get(i), everySecond(journeys, i)));
      Map<List<String>, Restart> restarts = new LinkedHashMap<>();
      for (KillChain chain : chains) {
        chain.addRestarts(known, restarts);
      }
      restarts.values().removeIf(restart -> !isNew(restart.moment()));
      Map<Moment, String> calls = beforeCalls(journeys);
      sideBySide(i -> killAtRestart(chains.get(i), everySecond(restarts, i), calls));
      check();
    } finally {
      for (KillChain chain : chains) {
        chain.close();
      }
    }
  }

  @Test
  @Tag("thorough")
  void survivesKillBeforeAndAfterACancel() throws Exception {
    Path agent = AgentJar.write(folder.resolve("agent.jar"));
    try (KillChain chain = new KillChain(folder.resolve("cancelled"), agent)) {
      chain.withBatchesOf(Duration.ofHours(1));
      for (String call : OPERATORS) {
        for (String when : List.of("before ", "after ")) {
          assertThat(chain.killWhileCancelling(new Moment(when + call, List.of(), ""))).isTrue();
          chain.finish();
        }
      }
      assertThat(chain.problems()).isEmpty();
    }
  }

  /** Records the new moments of an undisturbed journey. */
  private List<Moment> record(Path agent, String journey) throws IOException {
    try (KillChain chain = new KillChain(folder.resolve("recorded-" + journey), agent)) {
      chain.drop(journey, new Moment("undisturbed", List.of(), ""));
      KillRecord record = chain.finish();
      assertThat(chain.problems()).isEmpty();
      transitions.addAll(chain.transitions());
      return record.moments().stream().filter(this::isNew).toList();
    }
  }

  private boolean isNew(Moment moment) {
    return moment.boundaries().filter(known::add).count() > 0
        && moment.boundaries().anyMatch(boundary -> ONLY.matcher(boundary).find());
  }

  private static void killAtEach(KillChain chain, Map<Moment, String> moments) throws Exception {
    for (var moment : moments.entrySet()) {
      assertThat(chain.killAt(moment.getKey(), moment.getValue()))
          .as("reached %s", moment.getKey())
          .isTrue();
    }
    chain.finish();
  }

  private void killAtRestart(
      KillChain chain, Map<List<String>, Restart> restarts, Map<Moment, String> calls)
      throws Exception {
    for (Restart restart : restarts.values()) {
      var leads = new LinkedHashMap<Moment, String>();
      restart.leads().forEach((lead, stem) -> leads.put(lead, stem.substring(0, 1)));
      if (!isKilledAfter(leads, restart.moment(), chain)) {
        var others = new LinkedHashMap<>(calls);
        others.keySet().removeAll(leads.keySet());
        isKilledAfter(others, restart.moment(), chain);
      }
    }
    chain.finish();
  }

  /**
   * The kills right before a call: a restart then has to search for its effect, so these kills may
   * lead to boundaries whose recorded causes do not.
   */
  private static Map<Moment, String> beforeCalls(Map<Moment, String> journeys) {
    var calls = new LinkedHashMap<Moment, String>();
    journeys.forEach((moment, journey) -> {
      if (moment.boundaries().anyMatch(boundary -> boundary.startsWith("before openai-post-"))) {
        calls.put(moment, journey);
      }
    });
    return calls;
  }

  /** Tries several leads and names, since runs vary, until one reaches the moment. */
  private boolean isKilledAfter(Map<Moment, String> leads, Moment moment, KillChain chain)
      throws Exception {
    int tries = 0;
    for (var lead : leads.entrySet()) {
      for (Moment same : moment.apart()) {
        if (isKilledAfter(lead.getKey(), lead.getValue(), same, chain)) {
          return true;
        }
        tried.add("\"%s\" after \"%s\"".formatted(same.at(), lead.getKey().at()));
        if (++tries == MAX_TRIES) {
          return false;
        }
      }
    }
    return false;
  }

  /** Kills at the lead, then at the moment. */
  private static boolean isKilledAfter(Moment lead, String journey, Moment moment, KillChain chain)
      throws Exception {
    String stem = chain.drop(journey, moment);
    return chain.killAgainAt(lead, stem) && chain.killAgainAt(moment, stem + "," + chain.job(stem));
  }

  private void check() throws IOException {
    var problems = new ArrayList<String>();
    Set<String> killed = new TreeSet<>();
    for (KillChain chain : chains) {
      problems.addAll(chain.problems());
      killed.addAll(chain.killed());
    }
    Stream<String> calls =
        calls().stream()
            .filter(call -> !OPERATORS.contains(call))
            .flatMap(call -> Stream.of("before " + call, "after " + call));
    Stream.concat(calls, transitions.stream())
        .distinct()
        .filter(boundary -> ONLY.matcher(boundary).find() && !killed.contains(boundary))
        .forEach(boundary -> problems.add("never killed " + boundary));
    assertThat(problems).as("after %d kills; not reached: %s", killed.size(), tried).isEmpty();
  }

  /** The steps that call the provider, by their ids. */
  private static List<String> calls() throws IOException {
    String text = Files.readString(ROUTES);
    List<String> calls =
        new RouteFile("openai", text, Yaml.parse(text).orElseThrow())
            .routes().stream()
                .flatMap(Element::steps)
                .filter(step ->
                    step.endpoint().orElse("").matches("direct:provider-(call|stream|download)"))
                .map(step -> step.id().orElseThrow())
                .toList();
    assertThat(calls).contains("openai-post-file", "openai-post-batch");
    return calls;
  }

  private static <K, V> Map<K, V> everySecond(Map<K, V> all, int first) {
    var some = new LinkedHashMap<K, V>();
    int i = 0;
    for (var entry : all.entrySet()) {
      if (i++ % SIDE_BY_SIDE == first) {
        some.put(entry.getKey(), entry.getValue());
      }
    }
    return some;
  }

  private interface Run {
    void of(int chain) throws Exception;
  }

  private static void sideBySide(Run run) throws Exception {
    try (var threads = Executors.newFixedThreadPool(SIDE_BY_SIDE)) {
      var runs = new ArrayList<Future<?>>();
      for (int i = 0; i < SIDE_BY_SIDE; i++) {
        int own = i;
        runs.add(
            threads.submit(() -> {
              run.of(own);
              return own;
            }));
      }
      for (Future<?> each : runs) {
        each.get();
      }
    }
  }
}
