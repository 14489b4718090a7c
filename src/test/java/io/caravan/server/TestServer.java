package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.zaxxer.hikari.HikariDataSource;
import io.caravan.job.PostgresServer;
import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import io.caravan.routes.CheckedAnswers;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.Json;
import io.caravan.workspace.FurtherStorage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The embedded server alone, on a free port, with the official client beside it. */
public final class TestServer implements AutoCloseable {
  private static final Set<Batch.Status> ENDS =
      Set.of(
          Batch.Status.COMPLETED,
          Batch.Status.FAILED,
          Batch.Status.EXPIRED,
          Batch.Status.CANCELLED);

  /** The lease of batches, after which other replicas take over; a loaded machine must keep it. */
  private static final Duration LEASE = Duration.ofSeconds(4);

  private final ConfigurableApplicationContext context;
  private final CheckedAnswers answers;
  private final OpenAIClient client;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestServer(ConfigurableApplicationContext context, CheckedAnswers answers) {
    this.context = context;
    this.answers = answers;
    this.client = client("none");
  }

  public static TestServer start(Path directory, String... settings) {
    return start(directory, Clock.systemUTC(), settings);
  }

  public static TestServer start(Path directory, Clock clock, String... settings) {
    return start(
        directory,
        beans(directory, clock, Database.SQLITE, () -> TestStores.sqlite(directory)),
        settings);
  }

  /** Starts one of several replicas on a database; the bytes are in a folder beside its own. */
  public static TestServer start(
      Path directory, Clock clock, PostgresServer postgres, String... settings) {
    return start(
        directory,
        beans(directory, clock, Database.POSTGRESQL, () -> pool(postgres.url())),
        settings);
  }

  private static ApplicationContextInitializer<GenericApplicationContext> beans(
      Path directory, Clock clock, Database kind, Supplier<HikariDataSource> source) {
    return context -> {
      context.registerBean(Clock.class, () -> clock);
      context.registerBean(Database.class, () -> kind);
      context.registerBean(HikariDataSource.class, source, bean -> bean.setLazyInit(true));
      context.registerBean(
          Replica.class,
          () -> replica(context.getBean(HikariDataSource.class), kind),
          bean -> bean.setLazyInit(true));
      context.registerBean(
          FurtherStorage.class, () -> (name, folder) -> TestStores.content(kind, directory, clock));
    };
  }

  private static Replica replica(DataSource source, Database kind) {
    Replica replica = new Replica(JdbcClient.create(source), kind, LEASE).start();
    if (kind == Database.SQLITE) {
      replica.forgetOthers();
    }
    return replica;
  }

  static HikariDataSource pool(String url) {
    var source = new HikariDataSource();
    source.setJdbcUrl(url);
    source.setMaximumPoolSize(8);
    source.setConnectionTimeout(1000);
    return source;
  }

  private static TestServer start(
      Path directory,
      ApplicationContextInitializer<GenericApplicationContext> beans,
      String... settings) {
    var answers = new CheckedAnswers();
    SpringApplication application =
        new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.SERVLET)
            .initializers(beans, (GenericApplicationContext context) -> answers.joinTo(context))
            .build();
    Stream<String> fixed =
        Stream.of(
            "spring.config.location=classpath:/server/server.yaml",
            "caravan.server.directory=" + directory,
            "caravan.database.lease=" + LEASE);
    return new TestServer(
        application.run(
            Stream.concat(fixed, Stream.of(settings)).map("--"::concat).toArray(String[]::new)),
        answers);
  }

  public OpenAIClient client() {
    return client;
  }

  /** A client with that key. */
  public OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder().baseUrl(url() + "/v1").apiKey(key).maxRetries(0).build();
  }

  public String url() {
    int port = ((ServletWebServerApplicationContext) context).getWebServer().getPort();
    return "http://127.0.0.1:" + port;
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  public FileObject upload(String name, String content) {
    return client
        .files()
        .create(
            FileCreateParams.builder()
                .purpose(FilePurpose.BATCH)
                .file(part(name, content))
                .build());
  }

  public static MultipartField<InputStream> part(String name, String content) {
    return MultipartField.<InputStream>builder()
        .value(new ByteArrayInputStream(content.getBytes(UTF_8)))
        .filename(name)
        .build();
  }

  public Batch create(Endpoint endpoint, String... lines) {
    FileObject input = upload("input.jsonl", String.join("\n", lines) + "\n");
    return client
        .batches()
        .create(
            BatchCreateParams.builder()
                .inputFileId(input.id())
                .endpoint(BatchCreateParams.Endpoint.of(endpoint.path()))
                .completionWindow(BatchCreateParams.CompletionWindow._24H)
                .build());
  }

  public Batch awaitEnd(Batch batch) {
    return awaitEnd(client, batch);
  }

  public Batch awaitEnd(OpenAIClient owner, Batch batch) {
    return await()
        .pollInterval(Duration.ofMillis(20))
        .until(() -> owner.batches().retrieve(batch.id()), now -> ENDS.contains(now.status()));
  }

  public Batch run(Endpoint endpoint, String... lines) {
    return awaitEnd(create(endpoint, lines));
  }

  /** The lines of a result file; none when there is no file. */
  public List<JsonNode> lines(Optional<String> fileId) {
    if (fileId.isEmpty()) {
      return List.of();
    }
    try (var response = client.files().content(fileId.get())) {
      return new String(response.body().readAllBytes(), UTF_8)
          .lines()
          .map(TestServer::json)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public HttpResponse<String> get(String path) throws Exception {
    return send("GET", path, "");
  }

  public HttpResponse<String> post(String path, String body) throws Exception {
    return send("POST", path, body);
  }

  public HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    return send(request.build());
  }

  public HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  public static JsonNode json(String text) {
    return Json.tryObject(text).orElseThrow();
  }

  public static String chat(String customId) {
    return """
    {"custom_id":"%s","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"Say %s"}]}}\
    """
        .formatted(customId, customId);
  }

  public static String embedding(String customId, String text) {
    return """
    {"custom_id":"%s","method":"POST","url":"/v1/embeddings","body":{"model":"all-MiniLM-L6-v2","input":"%s"}}\
    """
        .formatted(customId, text);
  }

  @Override
  public void close() {
    client.close();
    http.close();
    context.close();
    answers.areAsDocumented();
  }

  @EnableAutoConfiguration(
      excludeName = {
        "org.apache.camel.component.platform.http.springboot.PlatformHttpComponentAutoConfiguration",
        "org.apache.camel.component.platform.http.springboot.SpringBootPlatformHttpAutoConfiguration",
        "org.apache.camel.component.platform.http.springboot.SpringBootPlatformWebMvcConfiguration",
        "org.apache.camel.spring.boot.CamelAutoConfiguration",
        "org.springframework.boot.autoconfigure.flyway.FlywayAutoConfiguration",
        "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration"
      })
  @ComponentScan(basePackageClasses = ServerConfiguration.class)
  static class Application {}
}
