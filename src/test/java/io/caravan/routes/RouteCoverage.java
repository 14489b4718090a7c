package io.caravan.routes;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.util.FileSystemUtils;

/**
 * Counts how often journey tests run each step of the shipped routes. Tests count with {@code
 * -Dcaravan.coverage=FOLDER}; the build then runs {@link #main}, which lists the steps that no
 * journey runs.
 */
public final class RouteCoverage implements InterceptStrategy, AutoCloseable {
  private static final String FOLDER = System.getProperty("caravan.coverage", "");

  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  /** Counts the steps of an application from start to stop, if enabled. */
  public static void count(GenericApplicationContext application) {
    if (!FOLDER.isEmpty()) {
      application.registerBean(RouteCoverage.class);
    }
  }

  @Override
  public Processor wrapProcessorInInterceptors(
      CamelContext camel, NamedNode step, Processor target, Processor next) {
    var count = counts.computeIfAbsent(step.getId(), id -> new LongAdder());
    return new DelegateAsyncProcessor(target) {
      @Override
      public boolean process(Exchange exchange, AsyncCallback callback) {
        count.increment();
        return super.process(exchange, callback);
      }
    };
  }

  @Override
  public void close() throws IOException {
    Path folder = Files.createDirectories(Path.of(FOLDER));
    Files.write(
        folder.resolve(UUID.randomUUID() + ".txt"),
        counts.entrySet().stream().map(it -> it.getValue().sum() + " " + it.getKey()).toList());
  }

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    if (!Files.isDirectory(folder)) {
      return; // nothing was counted
    }
    Map<String, Long> counts = read(folder);
    List<String> report =
        steps().map(id -> "%,10d  %s".formatted(counts.getOrDefault(id, 0L), id)).sorted().toList();
    Files.write(Path.of(folder + ".txt"), report);
    FileSystemUtils.deleteRecursively(folder);
    List<String> untaken = steps().filter(id -> counts.getOrDefault(id, 0L) == 0).toList();
    System.out.printf(
        "%d of %d steps of routes were taken; %s.txt%n",
        report.size() - untaken.size(), report.size(), folder);
    untaken.forEach(id -> System.out.println("no journey takes " + id));
  }

  private static Map<String, Long> read(Path folder) throws IOException {
    var counts = new LinkedHashMap<String, Long>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        for (String line : Files.readAllLines(file)) {
          String[] parts = line.split(" ", 2);
          counts.merge(parts[1], Long.parseLong(parts[0]), Long::sum);
        }
      }
    }
    return counts;
  }

  /** The ids of all steps of the shipped routes; to Camel, a branch of a choice is no step. */
  private static Stream<String> steps() throws IOException {
    return RouteFile.read(Path.of("routes")).entrySet().stream()
        .map(it ->
            new RouteFile(it.getKey(), it.getValue(), Yaml.parse(it.getValue()).orElseThrow()))
        .flatMap(it -> it.routesAndConfigurations().stream())
        .flatMap(Element::steps)
        .filter(it -> !it.kind().equals("when"))
        .flatMap(it -> it.id().stream());
  }
}
