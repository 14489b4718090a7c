package io.caravan.routes.journey;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static io.caravan.routes.Line.chats;
import static io.caravan.routes.fake.FakeOpenAi.BATCH;
import static io.caravan.routes.fake.FakeOpenAi.BATCHES;
import static io.caravan.routes.fake.FakeOpenAi.ERRORS;
import static io.caravan.routes.fake.FakeOpenAi.FILES;
import static io.caravan.routes.fake.FakeOpenAi.OUTPUT;
import static io.caravan.routes.fake.FakeOpenAi.answered;
import static io.caravan.routes.fake.FakeOpenAi.batch;
import static io.caravan.routes.fake.FakeOpenAi.neverRan;
import static io.caravan.routes.fake.FakeOpenAi.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.FakeOpenAi;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests the shipped routes with all answers of OpenAI or a proxy. */
@ExtendWith(OutputCaptureExtension.class)
class OpenAiJourneyTest {
  private static final String KEY = "sk-very-secret-0123456789";
  private static final Set<String> OUR_HTTP_HEADERS =
      Set.of(
          "authorization",
          "openai-organization",
          "openai-project",
          "host",
          "connection",
          "user-agent",
          "accept",
          "accept-encoding",
          "content-type",
          "content-length",
          "transfer-encoding");

  private static final FakeOpenAi openai = new FakeOpenAi();
  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    caravan =
        TestCaravan.in(folder)
            .with("caravan.provider", "openai")
            .with("caravan.providers.openai.base-url", openai.baseUrl())
            .with("caravan.providers.openai.api-key", KEY)
            .with("caravan.providers.openai.organization", "org-1")
            .with("caravan.providers.openai.project", "proj-1")
            .with("caravan.poll.not-found-grace", "2s")
            .with("caravan.resend.max-attempts", 1) // ResendJourneyTest covers resending
            .with("camel.component.http.response-timeout", 1500)
            .with("camel.component.http.so-timeout", 1500)
            .start();
  }

  @AfterAll
  static void stop() {
    caravan.close();
    openai.close();
  }

  @BeforeEach
  void forget() {
    openai.reset();
  }

  private static void completes(String... outputLines) {
    openai.saysOfTheBatch(batch("completed").withOutput());
    openai.hasOutput(outputLines);
  }

  @Test
  void callsOpenAiAsDocumented(CapturedOutput output) throws IOException {
    completes(answered("r-2"), answered("r-1"));
    caravan.drop("spoken.jsonl", chats("spoken", 2));

    Outcome outcome = caravan.awaitReport("spoken").counts(2, 2, 0);

    assertThat(outcome.resultIds()).containsExactly("r-1", "r-2");
    assertThat(outcome.report().at("/usage/total_tokens").asInt()).isEqualTo(10);
    LoggedRequest upload = openai.heard("POST", FILES).getFirst();
    assertThat(upload.getParts())
        .anySatisfy(part -> {
          assertThat(part.getName()).isEqualTo("purpose");
          assertThat(part.getBody().asString()).isEqualTo("batch");
        })
        .anySatisfy(part -> {
          assertThat(part.getName()).isEqualTo("file");
          assertThat(part.getFileName()).endsWith(".jsonl");
          assertThat(part.getBody().asString()).isEqualTo(TestCaravan.text(chats("spoken", 2)));
        });
    JsonNode create = Outcome.parse(openai.heard("POST", BATCHES).getFirst().getBodyAsString());
    assertThat(create.path("input_file_id").asText()).isEqualTo("file-input");
    assertThat(create.path("endpoint").asText()).isEqualTo("/v1/chat/completions");
    assertThat(create.path("completion_window").asText()).isEqualTo("24h");
    assertThat(create.at("/metadata/caravan_job").asText()).isEqualTo(outcome.job());
    assertThat(create.path("metadata").toString()).contains("caravan-" + outcome.job() + "-1");
    assertThat(openai.heard())
        .allSatisfy(request -> {
          assertThat(request.getHeader("Authorization")).isEqualTo("Bearer " + KEY);
          assertThat(request.getHeader("OpenAI-Organization")).isEqualTo("org-1");
          assertThat(request.getHeader("OpenAI-Project")).isEqualTo("proj-1");
          assertThat(lowerCase(request.getAllHeaderKeys())).isSubsetOf(OUR_HTTP_HEADERS);
        });
    assertThat(output.getAll()).contains(outcome.job()).doesNotContain(KEY);
  }

  private static Set<String> lowerCase(Set<String> names) {
    var lower = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.forEach(name -> lower.add(name.toLowerCase(java.util.Locale.ROOT)));
    return lower;
  }

  @Test
  void settlesACompletedBatchFromBothFiles() throws IOException {
    openai.saysOfTheBatch(batch("completed").withOutput().withErrors());
    openai.hasOutput(answered("r-3"), answered("r-1"));
    openai.hasErrors(refused("r-2", 400, "Unknown parameter."));
    caravan.drop("both.jsonl", chats("both", 3));

    Outcome outcome = caravan.awaitReport("both").counts(3, 2, 1);

    assertThat(outcome.resultIds()).containsExactly("r-1", "r-3");
    assertThat(outcome.errorOf("r-2").at("/response/body/error/message").asText())
        .isEqualTo("Unknown parameter.");
    assertThat(outcome.report().at("/problems/0/message").asText()).isEqualTo("Unknown parameter.");
  }

  @Test
  void settlesACompletedBatchWithOnlyFailedRequests() throws IOException {
    openai.saysOfTheBatch(batch("completed").withErrors());
    openai.hasErrors(refused("r-1", 429, "Slow down."), refused("r-2", 500, "Oh no."));
    caravan.drop("all-failed.jsonl", chats("all failed", 2));

    Outcome outcome = caravan.awaitReport("all-failed").counts(2, 0, 2);

    assertThat(outcome.errorIds()).containsExactly("r-1", "r-2");
  }

  @Test
  void assignsErrorsOfAFailedBatchToTheirLines() throws IOException {
    openai.saysOfTheBatch(
        batch("failed")
            .withProblems(
                """
                {"object": "list", "data": [
                  {"code": "model_not_found", "message": "No such model.",
                   "param": "body.model", "line": 2},
                  {"code": "invalid_request", "message": "Odd.", "param": null, "line": null}]}
                """));
    String[] good = chats("failed", 3);
    caravan.drop("failed.jsonl", "not for OpenAI", good[0], good[1], good[2]);

    Outcome outcome = caravan.awaitReport("failed").counts(4, 0, 4);

    assertThat(outcome.errorIds()).containsExactly("null", "r-1", "r-2", "r-3");
    assertThat(outcome.codeOf("r-2")).isEqualTo("model_not_found");
    assertThat(outcome.messageOf("r-2")).isEqualTo("failed.jsonl line 3: No such model.");
    assertThat(outcome.codeOf("r-1")).isEqualTo("batch_failed");
    assertThat(outcome.messageOf("r-3"))
        .isEqualTo(
            "failed.jsonl line 4: the provider refused the batch because of another request:"
                + " No such model.");
  }

  @ParameterizedTest
  @CsvSource({"expired, batch_expired", "cancelled, batch_cancelled"})
  void keepsAnswersOfBatchesThatEndedEarly(String status, String code) throws IOException {
    openai.saysOfTheBatch(batch(status).withOutput().withErrors());
    openai.hasOutput(answered("r-2"));
    openai.hasErrors(neverRan("r-1", code));
    caravan.drop(status + ".jsonl", chats(status, 3));

    Outcome outcome = caravan.awaitReport(status).counts(3, 1, 2);

    assertThat(outcome.resultIds()).containsExactly("r-2");
    assertThat(outcome.codeOf("r-1")).isEqualTo(code);
    assertThat(outcome.codeOf("r-3")).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\": \"batch_1\", \"status\": \"cancelled\"}",
        "{\"id\": \"batch_1\", \"status\": \"cancelled\", \"output_file_id\": null,"
            + " \"error_file_id\": null, \"errors\": null, \"request_counts\": null,"
            + " \"metadata\": null}",
        "{\"id\": \"batch_1\", \"status\": \"cancelled\", \"output_file_id\": \"\","
            + " \"error_file_id\": \"\", \"errors\": {\"data\": null}, \"request_counts\": {},"
            + " \"metadata\": {}}"
      })
  void readsNullsAbsentMembersAndEmptyTextsAlike(String json) throws IOException {
    openai.saysOfTheBatch(json);
    String stem = "odd-" + Integer.toHexString(json.hashCode());
    caravan.drop(stem + ".jsonl", chats(stem, 1));

    assertThat(caravan.awaitReport(stem).counts(1, 0, 1).codeOf("r-1"))
        .isEqualTo("batch_cancelled");
  }

  @Test
  void reportsUnansweredRequests() throws IOException {
    completes(answered("r-1"), answered("r-3"));
    caravan.drop("gap.jsonl", chats("gap", 3));

    Outcome outcome = caravan.awaitReport("gap").counts(3, 2, 1);

    assertThat(outcome.codeOf("r-2")).isEqualTo("not_answered");
  }

  @Test
  void countsRepeatedAnswersOnce() throws IOException {
    openai.saysOfTheBatch(batch("completed").withOutput().withErrors());
    openai.hasOutput(
        answered("r-1"), answered("r-1"), answered("stranger"), "{\"broken", answered("r-2"));
    openai.hasErrors(refused("r-2", 500, "Failed before it was answered."));
    caravan.drop("repeats.jsonl", chats("repeats", 2));

    Outcome outcome = caravan.awaitReport("repeats").counts(2, 2, 0);

    assertThat(outcome.report().path("notes").toString())
        .contains("was answered before.")
        .contains("\\\"stranger\\\" belongs to no request")
        .contains("is not an answer");
  }

  @Test
  void keepsPollingAfterUnknownStatus() throws IOException {
    openai.firstSays(
        () -> get(BATCH),
        okJson(batch("pondering").json()),
        okJson(batch("in_progress").json()),
        okJson(batch("pondering").json()));
    completes(answered("r-1"));
    caravan.drop("unknown.jsonl", chats("unknown", 1));

    caravan.awaitReport("unknown").counts(1, 1, 0);
    assertThat(openai.heard("GET", BATCH)).hasSize(4);
  }

  static Stream<Call> everyCall() {
    return Stream.of(
        new Call("upload", "POST", FILES),
        new Call("create", "POST", BATCHES),
        new Call("status", "GET", BATCH),
        new Call("download", "GET", OUTPUT));
  }

  @ParameterizedTest
  @Tag("thorough")
  @MethodSource("everyCall")
  void recoversFromTemporaryFailures(Call call) throws IOException {
    ResponseDefinitionBuilder[] failures = {
      aResponse()
          .withStatus(502)
          .withHeader("Content-Type", "text/html")
          .withBody("<html><head><title>502 Bad Gateway</title></head></html>"),
      aResponse().withStatus(408),
      aResponse().withStatus(409).withBody("{\"error\": \"conflict\"}"),
      aResponse().withStatus(500).withBody("{\"error\": {\"message\": \"Try again.\"}}"),
      aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER),
      aResponse().withFault(Fault.EMPTY_RESPONSE),
      aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK),
    };
    openai.firstSays(call.mapping(), failures);
    completes(answered("r-1"), answered("r-2"));
    caravan.drop(call.name() + ".jsonl", chats(call.name(), 2));

    caravan.awaitReport(call.name()).counts(2, 2, 0);

    assertThat(openai.heard(call.method(), call.path())).hasSize(failures.length + 1);
    assertThat(openai.successes("POST", FILES)).isEqualTo(1);
    assertThat(openai.successes("POST", BATCHES)).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("everyCall")
  void honoursRetryAfter(Call call) throws IOException {
    openai.firstSays(
        call.mapping(), aResponse().withStatus(429).withHeader("Retry-After", "1").withBody("{}"));
    completes(answered("r-1"));
    String stem = "wait-" + call.name();
    caravan.drop(stem + ".jsonl", chats(stem, 1));

    caravan.awaitReport(stem).counts(1, 1, 0);

    List<LoggedRequest> heard = openai.heard(call.method(), call.path());
    assertThat(heard).hasSize(2);
    assertThat(
            Duration.between(
                heard.get(0).getLoggedDate().toInstant(), heard.get(1).getLoggedDate().toInstant()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(950));
  }

  @Test
  void retriesAfterAProxysPage() throws IOException {
    var page =
        aResponse()
            .withHeader("Content-Type", "text/html")
            .withBody("<html><title>Sign in</title></html>");
    for (Call call : everyJsonCall()) {
      openai.firstSays(call.mapping(), page);
    }
    completes(answered("r-1"));
    caravan.drop("page.jsonl", chats("page", 1));

    caravan.awaitReport("page").counts(1, 1, 0);
  }

  private static List<Call> everyJsonCall() {
    return everyCall().filter(call -> !call.name().equals("download")).toList();
  }

  @Test
  void findsFileAfterUnansweredUpload() throws IOException {
    openai.says(post(urlPathEqualTo(FILES)), aResponse().withStatus(504));
    openai.says(get(urlPathEqualTo(FILES)), aResponse().withStatus(503));
    completes(answered("r-1"));
    caravan.drop("lost-upload.jsonl", chats("lost upload", 1));

    String name =
        openai.awaitCall("POST", FILES).getParts().stream()
            .filter(part -> part.getName().equals("file"))
            .findFirst()
            .orElseThrow()
            .getFileName();
    openai.awaitCall("GET", FILES);
    String file =
        """
        {"id": "file-found", "object": "file", "filename": "%s", "bytes": %d}\
        """
            .formatted(name, TestCaravan.text(chats("lost upload", 1)).length());
    openai.says(get(urlPathEqualTo(FILES)), okJson(list(file, "file-found", false)));

    caravan.awaitReport("lost-upload").counts(1, 1, 0);
    assertThat(openai.heard("POST", FILES)).hasSize(1);
    assertThat(openai.heard("POST", BATCHES).getFirst().getBodyAsString()).contains("file-found");
  }

  @Test
  void repeatsUploadWhenFilesCannotBeListed() throws IOException {
    openai.firstSays(() -> post(urlPathEqualTo(FILES)), aResponse().withStatus(504));
    openai.says(get(urlPathEqualTo(FILES)), aResponse().withStatus(405));
    completes(answered("r-1"));
    caravan.drop("no-list.jsonl", chats("no list", 1));

    caravan.awaitReport("no-list").counts(1, 1, 0);
    assertThat(openai.heard("POST", FILES)).hasSize(2);
    assertThat(openai.heard("POST", BATCHES)).hasSize(1);
  }

  @Test
  void matchesIdsInAnyNotation() throws IOException {
    completes(answered("\\u00e9\\u00e9"), answered("\\ud83d\\udc2a"), answered("a/b"));
    caravan.drop(
        "ids.jsonl",
        Line.chat("éé", "ids 1"),
        Line.chat("🐪", "ids 2"),
        Line.chat("a/b", "ids 3").replace("a/b", "a\\/b"));

    caravan.awaitReport("ids").counts(3, 3, 0);
  }

  static Stream<ResponseDefinitionBuilder> lostAnswers() {
    return Stream.of(
        okJson(batch("validating").json()).withFixedDelay(4000),
        aResponse().withStatus(504),
        aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER));
  }

  @ParameterizedTest
  @MethodSource("lostAnswers")
  void findsBatchAfterUnansweredCreate(ResponseDefinitionBuilder lost) throws IOException {
    String stem = "lost-" + Integer.toHexString(lost.build().hashCode());
    openai.says(post(urlPathEqualTo(BATCHES)), lost);
    openai.says(get(urlPathEqualTo(BATCHES)), aResponse().withStatus(503));
    completes(answered("r-1"));
    caravan.drop(stem + ".jsonl", chats(stem, 1));

    LoggedRequest create = openai.awaitCall("POST", BATCHES);
    openai.awaitCall("GET", BATCHES);
    openai.says(
        get(urlPathEqualTo(BATCHES)),
        okJson(list(batch("failed").json("{\"somebody\": \"else\"}"), "batch_other", true)));
    openai.says(
        get(urlPathEqualTo(BATCHES)).withQueryParam("after", WireMock.equalTo("batch_other")),
        okJson(
            list(
                batch("in_progress").json(FakeOpenAi.metadata(create).toString()),
                "batch_1",
                false)));

    caravan.awaitReport(stem).counts(1, 1, 0);
    assertThat(openai.heard("POST", BATCHES)).hasSize(1);
    assertThat(openai.heard("POST", FILES)).hasSize(1);
  }

  private static String list(String entry, String lastId, boolean more) {
    return """
    {"object": "list", "data": [%s], "last_id": "%s", "has_more": %b}\
    """
        .formatted(entry, lastId, more);
  }

  @ParameterizedTest
  @CsvSource({
    "400, /v1/files, Invalid file format.",
    "413, /v1/files, Maximum content size limit exceeded.",
    "400, /v1/batches, Invalid value for endpoint.",
    "413, /v1/batches, Too large."
  })
  void reportsRejectionForEveryRequestWithoutResending(int status, String path, String message)
      throws IOException {
    openai.says(
        post(urlPathEqualTo(path)),
        jsonResponse(
            "{\"error\": {\"message\": \"%s\", \"type\": \"invalid_request_error\"}}"
                .formatted(message),
            status));
    String stem = "refused-%d-%s".formatted(status, path.substring(4));
    caravan.drop(stem + ".jsonl", chats(stem, 2));

    Outcome outcome = caravan.awaitReport(stem).counts(2, 0, 2);

    assertThat(outcome.messageOf("r-1")).contains("HTTP " + status).contains(message);
    assertThat(outcome.messageOf("r-2")).contains(message);
    assertThat(outcome.report().at("/parts/0/status").asText()).isEqualTo("refused");
    assertThat(openai.heard("POST", path)).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("everyCall")
  void pausesOnRefusedKeyAndResumes(Call call, CapturedOutput output) throws IOException {
    var refused =
        jsonResponse(
            "{\"error\": {\"message\": \"Incorrect API key provided.\", \"code\":"
                + " \"invalid_api_key\"}}",
            401);
    openai.firstSays(call.mapping(), refused, refused);
    completes(answered("r-1"), answered("r-2"));
    String stem = "key-" + call.name();
    caravan.drop(stem + ".jsonl", chats(stem, 2));

    caravan.awaitReport(stem).counts(2, 2, 0);

    List<LoggedRequest> heard = openai.heard(call.method(), call.path());
    assertThat(heard).hasSize(3);
    assertThat(
            Duration.between(
                heard.get(0).getLoggedDate().toInstant(), heard.get(2).getLoggedDate().toInstant()))
        .as("two pauses")
        .isGreaterThanOrEqualTo(Duration.ofMillis(600));
    assertThat(output.getAll()).contains("provider=openai refuses access", "is available again");
    assertThat(openai.successes("POST", BATCHES)).isEqualTo(1);
  }

  @Test
  void waitsUntilANewBatchIsFound() throws IOException {
    var notFound = jsonResponse("{\"error\": {\"message\": \"No batch found.\"}}", 404);
    openai.firstSays(() -> get(BATCH), notFound, notFound, notFound);
    completes(answered("r-1"));
    caravan.drop("new.jsonl", chats("new", 1));

    caravan.awaitReport("new").counts(1, 1, 0);
    assertThat(openai.heard("POST", BATCHES)).hasSize(1);
  }

  @Test
  void givesUpOnABatchThatIsNeverFound() throws IOException {
    openai.says(get(BATCH), jsonResponse("{\"error\": {\"message\": \"No batch found.\"}}", 404));
    caravan.drop("never.jsonl", chats("never", 1));

    Outcome outcome = caravan.awaitReport("never").counts(1, 0, 1);

    assertThat(outcome.codeOf("r-1")).isEqualTo("batch_not_found");
    assertThat(openai.heard("POST", BATCHES)).hasSize(1);
  }

  @Test
  void repeatsTruncatedDownload() throws IOException {
    openai.saysOfTheBatch(batch("completed").withOutput().withErrors());
    openai.hasOutput(answered("r-1"));
    openai.hasErrors(refused("r-2", 400, "No."));
    openai.firstSays(
        () -> get(OUTPUT),
        aResponse().withHeader("Content-Length", "100000").withBody(answered("r-1")),
        aResponse().withHeader("Content-Length", "100000").withBody(""));
    openai.firstSays(
        () -> get(ERRORS),
        aResponse().withHeader("Content-Length", "100000").withBody(refused("r-2", 400, "N")));
    caravan.drop("truncated.jsonl", chats("truncated", 2));

    caravan.awaitReport("truncated").counts(2, 1, 1);
  }

  @Test
  void neverSendsTheKeyToARedirectsHost(CapturedOutput output) throws IOException {
    try (var elsewhere = new FakeOpenAi()) {
      openai.firstSays(() -> get(BATCH), redirect(elsewhere, BATCH));
      openai.firstSays(() -> get(OUTPUT), redirect(elsewhere, OUTPUT));
      completes(answered("r-1"));
      caravan.drop("redirected.jsonl", chats("redirected", 1));

      caravan.awaitReport("redirected").counts(1, 1, 0);

      assertThat(elsewhere.heard())
          .allSatisfy(request -> assertThat(request.containsHeader("Authorization")).isFalse());
      assertThat(output.getAll()).doesNotContain(KEY);
    }
  }

  private static ResponseDefinitionBuilder redirect(FakeOpenAi elsewhere, String path) {
    String location = elsewhere.baseUrl().replace("/v1", "") + path;
    return aResponse().withStatus(307).withHeader("Location", location);
  }

  /** A call of the journey, with a file name for its test. */
  record Call(String name, String method, String path) {
    Supplier<MappingBuilder> mapping() {
      return () -> WireMock.request(method, urlPathEqualTo(path));
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
