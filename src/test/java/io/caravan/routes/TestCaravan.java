package io.caravan.routes;

import static org.awaitility.Awaitility.await;

import io.caravan.Caravan;
import io.caravan.job.SqliteStore;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.util.FileSystemUtils;

/** The application as shipped, on its own folders; it can be stopped and restarted. */
public final class TestCaravan implements AutoCloseable {
  private static final Duration LONGEST_JOURNEY = Duration.ofSeconds(60);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Path folder;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private @Nullable Clock clock;
  private final CheckedAnswers answers = new CheckedAnswers();
  private @Nullable ConfigurableApplicationContext application;

  private TestCaravan(Path folder) throws IOException {
    this.folder = folder;
    with("caravan.inbox", folder.resolve("inbox"));
    with("caravan.outbox", folder.resolve("outbox"));
    with("caravan.data", folder.resolve("data"));
    with("caravan.intake.quiet", "200ms");
    with("caravan.intake.quiet-unfinished", "1500ms");
    with("caravan.poll.initial", "50ms");
    with("caravan.poll.max", "200ms");
    with("caravan.retry.initial", "50ms");
    with("caravan.retry.max", "300ms");
    with("caravan.retry.pause", "300ms");
    with("caravan.providers.openai.list-lag", "100ms");
    with("server.port", freePort());
    Files.createDirectories(inbox());
  }

  public static TestCaravan in(Path folder) throws IOException {
    return new TestCaravan(folder);
  }

  public TestCaravan with(String setting, Object value) {
    settings.put(setting, value.toString());
    return this;
  }

  /** Uses only this provider, as openai. */
  public TestCaravan at(CountingProvider provider) {
    return with("caravan.provider", "openai")
        .with("caravan.providers.openai.base-url", provider.url())
        .with("caravan.providers.openai.api-key", "none")
        .with("caravan.server.enabled", false);
  }

  /** Replaces the system clock. */
  public TestCaravan withClock(Clock other) {
    clock = other;
    return this;
  }

  public TestCaravan start() {
    copyTables();
    var spring = new SpringApplication(Caravan.class);
    Clock other = clock;
    if (other != null) {
      spring.addInitializers(
          (GenericApplicationContext context) -> context.registerBean(Clock.class, () -> other));
    }
    spring.addInitializers((GenericApplicationContext context) -> RouteCoverage.count(context));
    spring.addInitializers((GenericApplicationContext context) -> answers.joinTo(context));
    spring.setRegisterShutdownHook(false);
    application =
        spring.run(
            settings.entrySet().stream()
                .map(setting -> "--%s=%s".formatted(setting.getKey(), setting.getValue()))
                .toArray(String[]::new));
    return this;
  }

  /** Gives the first start empty tables; the tests of the packaged application migrate. */
  private void copyTables() {
    Path data = folder.resolve("data");
    if (!settings.containsKey("caravan.database.url") && !Files.exists(data)) {
      try {
        SqliteStore.copyTo(data.resolve("caravan.db"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The beans of the running application. */
  public ConfigurableApplicationContext application() {
    return Objects.requireNonNull(application);
  }

  public void stop() {
    if (application != null) {
      application.close();
      application = null;
      answers.areAsDocumented();
    }
  }

  @Override
  public void close() {
    stop();
  }

  public String address() {
    return "http://127.0.0.1:" + settings.get("server.port");
  }

  /** Sends a message to a route. */
  public Exchange send(String uri, @Nullable Object body, Map<String, Object> headers) {
    return application()
        .getBean(ProducerTemplate.class)
        .send(
            uri,
            exchange -> {
              exchange.getMessage().setBody(body);
              exchange.getMessage().setHeaders(new HashMap<>(headers));
            });
  }

  /** The body of the service's answer to a GET. */
  public String ask(String path) throws IOException {
    return send(HttpRequest.newBuilder(URI.create(address() + path)).build()).body();
  }

  /** Calls the operator API; the path is relative to {@code /caravan/jobs}. */
  public HttpResponse<String> operate(String method, String path, String token) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(address() + "/caravan/jobs" + path))
            .timeout(Duration.ofSeconds(20))
            .method(method, BodyPublishers.noBody())
            .header("Authorization", "Bearer " + token)
            .build());
  }

  private static HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return HTTP.send(request, BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  /** The id of the last accepted job. */
  public String newestJob(String token) throws IOException {
    return Outcome.parse(operate("GET", "?limit=1", token).body()).at("/jobs/0/id").asText();
  }

  /** The client of each job, from its row. */
  public List<@Nullable String> clients() throws SQLException {
    var clients = new ArrayList<@Nullable String>();
    try (var store =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/caravan.db"));
        var rows = store.createStatement().executeQuery("SELECT client FROM job")) {
      while (rows.next()) {
        clients.add(rows.getString(1));
      }
    }
    return clients;
  }

  public Path inbox() {
    return folder.resolve("inbox");
  }

  public Path accepted(String name) {
    return inbox().resolve(".accepted").resolve(name);
  }

  public Path outbox() {
    return folder.resolve("outbox");
  }

  /** Drops a file with these lines into the inbox. */
  public Path drop(String name, String... lines) throws IOException {
    return drop(name, text(lines).getBytes(StandardCharsets.UTF_8));
  }

  public Path drop(String name, byte[] content) throws IOException {
    return Files.write(inbox().resolve(name), content);
  }

  public static String text(String... lines) {
    return Stream.of(lines).map(line -> line + "\n").reduce("", String::concat);
  }

  /** Waits for the report of {@code <stem>.jsonl}, which is delivered last. */
  public Outcome awaitReport(String stem) {
    return awaitReports(stem, 1).getFirst();
  }

  /** The outcome of a second file with the same name. */
  public Outcome awaitAnotherReport(String stem) {
    return awaitReports(stem, 2).getLast();
  }

  /** Waits for several outcomes of one file name, in order of delivery. */
  public List<Outcome> awaitReports(String stem, int count) {
    return await("report of " + stem)
        .atMost(LONGEST_JOURNEY)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> Outcome.all(outbox(), stem), outcomes -> outcomes.size() >= count);
  }

  public List<Outcome> outcomes(String stem) throws IOException {
    return Outcome.all(outbox(), stem);
  }

  /** Waits until a file has left the inbox. */
  public void awaitAccepted(Path dropped) {
    await("acceptance of " + dropped)
        .atMost(LONGEST_JOURNEY)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !Files.exists(dropped));
  }

  /** Asserts that a file stays for a while. */
  public static void staysFor(Duration while_, Path file) {
    await(file + " stays")
        .during(while_)
        .atMost(while_.plusSeconds(5))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> Files.exists(file));
  }

  /** Copies the shipped routes, so that they can be edited. */
  public static Path copyRoutes(Path target) throws IOException {
    FileSystemUtils.copyRecursively(Path.of("routes"), target);
    return target;
  }

  public static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
