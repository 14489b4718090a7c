package io.caravan.routes.fake;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.RequestMethod;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** A scripted fake of OpenAI's Files and Batch API. */
public final class FakeOpenAi implements AutoCloseable {
  public static final String FILES = "/v1/files";
  public static final String BATCHES = "/v1/batches";
  public static final String BATCH = "/v1/batches/batch_1";
  public static final String OUTPUT = "/v1/files/file-output/content";
  public static final String ERRORS = "/v1/files/file-errors/content";

  private static final int BEFORE_ALL = 1;
  private static final String EMPTY_LIST = "{\"object\":\"list\",\"data\":[],\"has_more\":false}";

  private final WireMockServer server =
      new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));

  public FakeOpenAi() {
    server.start();
    reset();
  }

  /** Accepts every upload and batch, and forgets earlier ones. */
  public void reset() {
    server.resetAll();
    server.stubFor(any(anyUrl()).atPriority(10).willReturn(aResponse().withStatus(501)));
    says(get(urlPathEqualTo(FILES)), okJson(EMPTY_LIST));
    says(get(urlPathEqualTo(BATCHES)), okJson(EMPTY_LIST));
    says(post(urlPathEqualTo(FILES)), okJson(file("file-input")));
    says(post(urlPathEqualTo(BATCHES)), okJson(batch("validating").json()));
  }

  public String baseUrl() {
    return server.baseUrl() + "/v1";
  }

  public static Batch batch(String status) {
    return new Batch(status, "null", "null", "null");
  }

  static String file(String id) {
    return """
    {"id": "%s", "object": "file", "purpose": "batch", "bytes": 1, "filename": "x.jsonl"}\
    """
        .formatted(id);
  }

  /** Sets the batch's status. */
  public void saysOfTheBatch(Batch batch) {
    saysOfTheBatch(batch.json());
  }

  public void saysOfTheBatch(String json) {
    says(get(BATCH), okJson(json));
  }

  /** Sets the output file, under the id of {@link Batch#withOutput()}. */
  public void hasOutput(String... lines) {
    says(get(OUTPUT), aResponse().withBody(TestCaravan.text(lines)));
  }

  public void hasErrors(String... lines) {
    says(get(ERRORS), aResponse().withBody(TestCaravan.text(lines)));
  }

  public void says(MappingBuilder call, ResponseDefinitionBuilder answer) {
    server.stubFor(call.willReturn(answer));
  }

  /** Gives these answers in order, then the usual one. */
  public void firstSays(Supplier<MappingBuilder> call, ResponseDefinitionBuilder... answers) {
    String scenario = UUID.randomUUID().toString();
    for (int i = 0; i < answers.length; i++) {
      server.stubFor(
          call.get()
              .inScenario(scenario)
              .whenScenarioStateIs(i == 0 ? Scenario.STARTED : "answer " + i)
              .willSetStateTo("answer " + (i + 1))
              .atPriority(BEFORE_ALL)
              .willReturn(answers[i]));
    }
  }

  public static String answered(String customId) {
    return """
    {"id":"batch_req_1","custom_id":"%s","response":{"status_code":200,"request_id":"q",\
    "body":{"usage":{"prompt_tokens":2,"completion_tokens":3,"total_tokens":5}}},"error":null}\
    """
        .formatted(customId);
  }

  /** A request that the model rejected. */
  public static String refused(String customId, int status, String message) {
    return """
    {"id":"batch_req_1","custom_id":"%s","response":{"status_code":%d,"request_id":"q",\
    "body":{"error":{"message":"%s","type":"invalid_request_error","param":null,"code":null}}},\
    "error":null}\
    """
        .formatted(customId, status, message);
  }

  /** A request that never ran. */
  public static String neverRan(String customId, String code) {
    return """
    {"id":"batch_req_1","custom_id":"%s","response":null,\
    "error":{"code":"%s","message":"This request could not be executed."}}\
    """
        .formatted(customId, code);
  }

  /** All received calls, in order. */
  public List<LoggedRequest> heard() {
    return server.getAllServeEvents().stream()
        .sorted(Comparator.comparing(event -> event.getRequest().getLoggedDate()))
        .map(ServeEvent::getRequest)
        .toList();
  }

  public List<LoggedRequest> heard(String method, String path) {
    return heard().stream().filter(request -> isCall(request, method, path)).toList();
  }

  /** The number of these calls answered with a readable 2xx. */
  public long successes(String method, String path) {
    return server.getAllServeEvents().stream()
        .filter(event -> isCall(event.getRequest(), method, path))
        .filter(event -> event.getResponse().getStatus() / 100 == 2)
        .filter(event -> event.getResponse().getFault() == null)
        .count();
  }

  private static boolean isCall(LoggedRequest request, String method, String path) {
    return request.getMethod().equals(RequestMethod.fromString(method))
        && request.getUrl().split("\\?", 2)[0].equals(path);
  }

  /** Waits for a call. */
  public LoggedRequest awaitCall(String method, String path) {
    return await(method + " " + path)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> heard(method, path), calls -> !calls.isEmpty())
        .getFirst();
  }

  /** The metadata of a created batch. */
  public static JsonNode metadata(LoggedRequest create) {
    return Outcome.parse(create.getBodyAsString()).path("metadata");
  }

  @Override
  public void close() {
    server.stop();
  }

  /** A batch object; members are JSON, so they can be null. */
  public record Batch(String status, String output, String errors, String problems) {
    public Batch withOutput() {
      return new Batch(status, "\"file-output\"", errors, problems);
    }

    public Batch withErrors() {
      return new Batch(status, output, "\"file-errors\"", problems);
    }

    public Batch withProblems(String list) {
      return new Batch(status, output, errors, list);
    }

    public String json() {
      return json("null");
    }

    public String json(String metadata) {
      return """
      {"id": "batch_1", "object": "batch", "endpoint": "/v1/chat/completions", "errors": %s,
       "input_file_id": "file-input", "completion_window": "24h", "status": "%s",
       "output_file_id": %s, "error_file_id": %s, "created_at": 1750000000,
       "expires_at": null, "request_counts": {"total": 3, "completed": 0, "failed": 0},
       "metadata": %s}
      """
          .formatted(problems, status, output, errors, metadata);
    }
  }
}
