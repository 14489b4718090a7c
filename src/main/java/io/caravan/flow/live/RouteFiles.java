package io.caravan.flow.live;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import io.caravan.flow.Pipelines;
import io.caravan.flow.Reasons;
import io.caravan.flow.Templates;
import io.caravan.flow.inbox.NotTaken;
import io.caravan.job.CannotStartException;
import io.caravan.job.JobOverview;
import io.caravan.provider.Providers;
import io.caravan.route.check.RouteCheck;
import io.caravan.route.check.Surroundings;
import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.Problem.Severity;
import io.caravan.route.yaml.RouteFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * The route files and their routes. Mistakes in the engine's files stop the start. Every other file
 * is loaded again when it changes; one that cannot be used is reported, and its routes keep running
 * in their last good form.
 */
@Component("routeFiles")
public class RouteFiles implements CamelContextConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(RouteFiles.class);
  private static final int LOGGED = 5;
  private static final String LIST = "\"./caravan routes check\" lists all problems.";

  /** The files that are read at the start only. */
  private static final Set<String> ENGINE =
      Set.of(
          "batch-call.camel.yaml",
          "batch-event.camel.yaml",
          "batch-submit.camel.yaml",
          "batch-watch.camel.yaml",
          "error-handling.camel.yaml",
          "job-accept.camel.yaml",
          "job-advance.camel.yaml",
          "job-deliver.camel.yaml",
          "job-release.camel.yaml",
          "provider-calls.camel.yaml",
          "queue-http.camel.yaml",
          "queue.camel.yaml");

  private final CamelContext camel;
  private final CamelRoutes routes;
  private final RunningRoutes running;
  private final NotTaken notTaken;
  private final Pipelines pipelines;
  private final Providers providers;
  private final JobOverview overview;
  private final Environment settings;
  private final RouteCheck check;
  private final LastGood lastGood;
  private final Path folder;

  /** The engine's files that run. */
  private final Map<String, String> engine = new HashMap<>();

  /** Their later texts that were logged. */
  private final Map<String, String> loggedOfEngine = new HashMap<>();

  private final Map<String, LoadedFile> loaded = new TreeMap<>();

  /** The texts of the last look; a text is used once two looks see the same. */
  private Map<String, String> seen = Map.of();

  /** The texts that are loaded or rejected. */
  private final Map<String, String> decided = new HashMap<>();

  /** Deleted files whose pipelines still have unfinished jobs. */
  private final Set<String> retired = new TreeSet<>();

  private boolean started;
  private final Map<String, List<Problem>> rejected = new ConcurrentSkipListMap<>();

  RouteFiles(
      CamelContext camel,
      RunningRoutes running,
      NotTaken notTaken,
      Pipelines pipelines,
      Providers providers,
      Templates templates,
      JobOverview overview,
      ConfigurableListableBeanFactory beans,
      Environment settings) {
    this.camel = camel;
    this.running = running;
    this.notTaken = notTaken;
    this.pipelines = pipelines;
    this.providers = providers;
    this.overview = overview;
    this.settings = settings;
    routes = new CamelRoutes(camel);
    folder = Path.of(settings.getRequiredProperty("caravan.routes"));
    lastGood = new LastGood(Path.of(settings.getRequiredProperty("caravan.data"), "routes"));
    check =
        new RouteCheck(
            RouteCheck::isShipped,
            new Surroundings(
                settings::getProperty, BeanTypes.of(beans), RouteFiles.class.getClassLoader()),
            new PipelineChecks(providers.providers().keySet(), templates::get, settings));
  }

  /** The problems of files that are not used as they are, by file. */
  public Map<String, List<Problem>> rejected() {
    return new TreeMap<>(rejected);
  }

  /** Loads the engine's routes, which start together with Camel. */
  @Override
  public synchronized void beforeApplicationStart(CamelContext context) {
    Map<String, String> texts = read();
    if (!texts.containsKey("job-accept.camel.yaml")
        || texts.keySet().stream().noneMatch(RouteFile::isPipeline)) {
      throw new CannotStartException(
          "The routes folder contains no routes, or no pipeline.",
          "Start in a folder with a complete routes/, or without one, or set CARAVAN_ROUTES.");
    }
    checkDefaultProvider();
    List<Problem> problems =
        check.check(texts).stream()
            .filter(it -> it.isError() && ENGINE.contains(it.file()))
            .toList();
    if (!problems.isEmpty()) {
      throw new CannotStartException(
          problems.stream().map(Problem::toString).collect(joining("\n")), LIST);
    }
    engine.putAll(texts);
    engine.keySet().retainAll(ENGINE);
    seen = texts;
    try {
      routes.addEngine(engine);
    } catch (Exception e) { // Camel declares nothing narrower
      throw new CannotStartException(
          "The routes in %s cannot be loaded: %s".formatted(folder, Reasons.of(e)), LIST);
    }
  }

  /** Fails for a name that every pipeline without its own provider would use. */
  private void checkDefaultProvider() {
    String provider = settings.getProperty("caravan.provider", "local");
    if (!providers.providers().containsKey(provider)) {
      providers.get(provider);
    }
  }

  /** Loads the other routes; a failure of one does not affect the others. */
  @Override
  public synchronized void afterApplicationStart(CamelContext context) {
    var texts = new TreeMap<>(seen);
    texts.keySet().removeAll(ENGINE);
    try {
      Map<String, String> good = lastGood.all();
      apply(provenFirst(texts, good));
      loaded.keySet().stream()
          .filter(RouteFile::isPipeline)
          .map(RouteFile::family)
          .forEach(pipelines::check);
      resumeLastGood(texts.keySet(), good);
      started = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Files that ran before take precedence over new ones with the same inbox. */
  private static Map<String, String> provenFirst(
      Map<String, String> texts, Map<String, String> good) {
    var all = new LinkedHashMap<>(good);
    all.entrySet().removeIf(it -> !it.getValue().equals(texts.get(it.getKey())));
    texts.forEach(all::putIfAbsent);
    return all;
  }

  private void resumeLastGood(Set<String> present, Map<String, String> good) throws IOException {
    Set<String> unfinished = overview.unfinishedJobs().keySet();
    for (Map.Entry<String, String> each : good.entrySet()) {
      String name = each.getKey();
      if (present.contains(name)) {
        if (!loaded.containsKey(name)) {
          resume(name, each.getValue());
        }
      } else if (unfinished.contains(RouteFile.family(name))) {
        resumeWithoutInboxes(name, each.getValue());
      } else {
        lastGood.forget(name);
      }
    }
  }

  /** Loads the last good form of a file whose present form is not used. */
  private void resume(String name, String text) {
    if (isUsable(name, text)) {
      RouteFile.parse(name, text).ifPresent(it -> resume(it, it.text()));
    }
  }

  /** Loads the last good form of a deleted file, to deliver what its jobs owe. */
  private void resumeWithoutInboxes(String name, String text) {
    if (isUsable(name, text)) {
      retired.add(name);
      RouteFile.parse(name, text)
          .ifPresent(
              it -> resume(it, LoadedFile.without(it, new LoadedFile(it, ids(it)).inboxes())));
    }
  }

  private boolean isUsable(String name, String text) {
    return errors(textsWith(Map.of(name, text))).getOrDefault(name, List.of()).isEmpty();
  }

  private static List<String> ids(RouteFile file) {
    return file.routes().stream().flatMap(it -> it.id().stream()).toList();
  }

  private void resume(RouteFile file, String text) {
    try {
      load(file, text, Set.of());
      LOG.warn("routes/{} runs in its last good form", file.name());
    } catch (NotLoadedException e) {
      LOG.warn("routes/{} does not run in its last good form: {}", file.name(), e.getMessage());
    }
  }

  /** Looks at the files, and loads those that changed. */
  synchronized void look() {
    Map<String, String> all = read();
    logChangesOfEngine(all);
    var texts = new TreeMap<>(all);
    texts.keySet().removeAll(ENGINE);
    var changed = new TreeMap<>(texts);
    changed
        .entrySet()
        .removeIf(it ->
            it.getValue().equals(decided.get(it.getKey()))
                || !it.getValue().equals(seen.get(it.getKey())));
    var deleted = new TreeSet<>(decided.keySet());
    deleted.removeAll(texts.keySet());
    deleted.removeAll(seen.keySet());
    seen = all;
    deleted.forEach(this::delete);
    if (!changed.isEmpty() || !deleted.isEmpty()) {
      rejected.keySet().stream()
          .filter(texts::containsKey)
          .forEach(it -> changed.put(it, texts.getOrDefault(it, "")));
      apply(changed);
    }
    running.retry();
    removeRetired();
    rejected.forEach((name, problems) ->
        notTaken.record("routes/" + name, "is not used: " + problems.getFirst().here()));
  }

  private Map<String, String> read() {
    try {
      return RouteFile.read(folder);
    } catch (IOException e) {
      throw new CannotStartException(
          "The routes folder %s cannot be read: %s".formatted(folder, Reasons.of(e)),
          "Make it readable, or set CARAVAN_ROUTES.");
    }
  }

  private void logChangesOfEngine(Map<String, String> texts) {
    engine.forEach((name, atStart) -> {
      String now = texts.getOrDefault(name, "");
      if (now.equals(seen.getOrDefault(name, ""))
          && !now.equals(loggedOfEngine.getOrDefault(name, atStart))) {
        loggedOfEngine.put(name, now);
        LOG.warn("routes/{} changed; start Caravan again to use it", name);
      }
    });
  }

  /** Loads files, or rejects them with their problems. */
  private void apply(Map<String, String> changed) {
    Map<String, List<Problem>> errors = errors(textsWith(changed));
    var next = new ArrayList<RouteFile>();
    changed.forEach((name, text) -> {
      decided.put(name, text);
      if (errors.containsKey(name)) {
        reject(name, errors.getOrDefault(name, List.of()));
      } else {
        RouteFile.parse(name, text).ifPresent(next::add);
      }
    });
    next.sort((one, other) -> Boolean.compare(one.isPipeline(), other.isPipeline()));
    var kept = new HashMap<String, Set<String>>();
    next.forEach(file -> kept.put(file.name(), makeRoom(file)));
    next.forEach(file -> replace(file, kept.getOrDefault(file.name(), Set.of())));
  }

  /** Removes the routes that a new text changes; returns those that stay. */
  private Set<String> makeRoom(RouteFile file) {
    LoadedFile before = loaded.get(file.name());
    if (before == null) {
      return Set.of();
    }
    Set<String> unchanged = before.unchanged(file);
    before.routes().stream().filter(it -> !unchanged.contains(it)).forEach(this::remove);
    return unchanged;
  }

  private void replace(RouteFile file, Set<String> kept) {
    LoadedFile before = loaded.get(file.name());
    try {
      load(file, kept);
      retired.remove(file.name());
      if (accept(file.name()) || started) {
        LOG.info("routes/{} is in use", file.name());
      }
    } catch (NotLoadedException e) {
      reject(
          file.name(),
          List.of(
              new Problem(
                  file.name(), Place.START, Severity.ERROR, String.valueOf(e.getMessage()), "")));
      if (before != null) {
        restore(before, kept);
      }
    }
  }

  private void restore(LoadedFile before, Set<String> kept) {
    try {
      load(before.file(), kept);
    } catch (NotLoadedException e) {
      loaded.remove(before.file().name());
      LOG.error(
          "routes/{} cannot be put back into its last good form: {}",
          before.file().name(),
          e.getMessage());
    }
  }

  /** Adds the routes of a file to Camel, except those that run already, and starts them. */
  private void load(RouteFile file, Set<String> kept) {
    load(file, kept.isEmpty() ? file.text() : LoadedFile.onlyRoutes(file, kept), kept);
  }

  private void load(RouteFile file, String text, Set<String> kept) {
    CamelRoutes.Added added;
    try {
      boolean allRun = !kept.isEmpty() && kept.containsAll(ids(file));
      added = allRun ? CamelRoutes.Added.NOTHING : routes.add(file.name(), text);
    } catch (Exception e) { // Camel declares nothing narrower
      throw new NotLoadedException(Reasons.of(e));
    }
    if (started && RouteFile.isPipeline(file.name())) {
      checkProvider(file, added);
    }
    var all = new ArrayList<>(kept);
    all.addAll(added.ids());
    loaded.put(file.name(), new LoadedFile(file, all));
    added.toStart().forEach(running::start);
    try {
      lastGood.save(file);
    } catch (IOException e) {
      LOG.warn("The last good form of routes/{} cannot be kept: {}", file.name(), Reasons.of(e));
    }
  }

  /** A start fails for a provider without a key; a running service rejects the pipeline. */
  private void checkProvider(RouteFile file, CamelRoutes.Added added) {
    try {
      pipelines.check(file.family());
    } catch (CannotStartException e) {
      added.ids().forEach(this::remove);
      throw new NotLoadedException(e.getMessage() + " " + e.action());
    }
  }

  private void reject(String name, List<Problem> problems) {
    List<Problem> before = rejected.put(name, problems);
    if (problems.equals(before)) {
      return;
    }
    LOG.warn(
        "routes/{} is not used{}",
        name,
        loaded.containsKey(name) ? "; its last good form keeps running" : "");
    problems.stream().limit(LOGGED).forEach(it -> LOG.warn("routes/{}", it));
    if (problems.size() > LOGGED) {
      LOG.warn("and {} more; {}", problems.size() - LOGGED, LIST);
    }
  }

  /** Forgets the problems of a file; false if it had none. */
  private boolean accept(String name) {
    notTaken.forget("routes/" + name);
    return rejected.remove(name) != null;
  }

  /** Stops taking files in; outputs of unfinished jobs are still delivered. */
  private void delete(String name) {
    decided.remove(name);
    accept(name);
    LoadedFile file = loaded.get(name);
    if (file == null) {
      return;
    }
    Set<String> inboxes = file.inboxes();
    inboxes.forEach(this::remove);
    var rest = new ArrayList<>(file.routes());
    rest.removeAll(inboxes);
    loaded.put(name, new LoadedFile(file.file(), rest));
    retired.add(name);
    LOG.warn(
        "routes/{} was deleted: it accepts no more files; unfinished jobs are still delivered",
        name);
  }

  private void removeRetired() {
    if (retired.isEmpty()) {
      return;
    }
    Set<String> unfinished = overview.unfinishedJobs().keySet();
    for (String name : new HashSet<>(retired)) {
      LoadedFile file = loaded.get(name);
      boolean owes =
          RouteFile.isPipeline(name)
              ? unfinished.contains(RouteFile.family(name))
              : !unfinished.isEmpty();
      if (file != null && !owes) {
        file.routes().forEach(this::remove);
        file.file().beans().stream()
            .flatMap(it -> it.text("name").stream())
            .forEach(camel.getRegistry()::unbind);
        loaded.remove(name);
        retired.remove(name);
        LOG.info("routes/{} is removed", name);
        try {
          lastGood.forget(name);
        } catch (IOException e) {
          LOG.warn("The last good form of routes/{} cannot be deleted: {}", name, Reasons.of(e));
        }
      }
    }
  }

  private void remove(String route) {
    running.forget(route);
    try {
      routes.remove(route);
    } catch (Exception e) { // Camel declares nothing narrower
      LOG.warn("route={} cannot be removed: {}", route, Reasons.of(e));
    }
  }

  /** The texts in use, and then others. */
  private Map<String, String> textsWith(Map<String, String> others) {
    var texts = new LinkedHashMap<>(engine);
    loaded.forEach((name, file) -> texts.put(name, file.file().text()));
    texts.putAll(others);
    return texts;
  }

  private Map<String, List<Problem>> errors(Map<String, String> texts) {
    return check.check(texts).stream()
        .filter(Problem::isError)
        .collect(groupingBy(Problem::file, TreeMap::new, toList()));
  }

  /** The routes of a file could not be added to Camel. */
  private static final class NotLoadedException extends RuntimeException {
    NotLoadedException(String message) {
      super(message);
    }
  }
}
