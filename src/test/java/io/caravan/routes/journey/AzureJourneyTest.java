package io.caravan.routes.journey;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static io.caravan.routes.Line.chats;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.FakeOpenAi;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the provider azure with the answers in which Azure differs from OpenAI. */
class AzureJourneyTest {
  private static final String PATH = "/openai/v1";

  @Test
  void readsAzureAnswersAndWaitsForFullQueueAtCreate(@TempDir Path folder) throws Exception {
    var azure = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
    azure.start();
    script(azure);
    try (var caravan =
        TestCaravan.in(folder)
            .with("caravan.provider", "azure")
            .with("AZURE_OPENAI_ENDPOINT", azure.baseUrl() + "/")
            .with("AZURE_OPENAI_API_KEY", "azure-key")
            .with("caravan.providers.azure.list-lag", "100ms")
            .start()) {
      caravan.drop("a.jsonl", chats("azure", 2));

      Outcome outcome = caravan.awaitReport("a").counts(2, 2, 0);

      assertThat(outcome.resultIds()).containsExactly("r-1", "r-2");
      assertThat(azure.getAllServeEvents())
          .extracting(ServeEvent::getRequest)
          .allSatisfy(request -> {
            assertThat(request.getHeader("api-key")).isEqualTo("azure-key");
            assertThat(request.getHeader("Authorization")).isNull();
            assertThat(request.getUrl()).startsWith(PATH + "/");
          });
    } finally {
      azure.stop();
    }
  }

  /** A create with a full queue, one whose answer is lost, and a list in {@code value}. */
  private static void script(WireMockServer azure) {
    azure.stubFor(any(anyUrl()).atPriority(10).willReturn(aResponse().withStatus(404)));
    azure.stubFor(
        post(urlPathEqualTo(PATH + "/files"))
            .willReturn(
                jsonResponse(
                    "{\"id\": \"file-in\", \"status\": \"pending\", \"created_at\": \"2026-11-26T00:00:00Z\"}",
                    201)));
    azure.stubFor(
        post(urlPathEqualTo(PATH + "/batches"))
            .inScenario("create")
            .whenScenarioStateIs(Scenario.STARTED)
            .willSetStateTo("room")
            .willReturn(
                jsonResponse(
                    "{\"error\": {\"code\": \"token_limit_exceeded\", \"message\": \"No room.\"}}",
                    400)));
    azure.stubFor(
        post(urlPathEqualTo(PATH + "/batches"))
            .inScenario("create")
            .whenScenarioStateIs("room")
            .willSetStateTo("lost")
            .willReturn(aResponse().withFault(Fault.EMPTY_RESPONSE)));
    azure.stubFor(
        get(urlPathEqualTo(PATH + "/batches"))
            .inScenario("create")
            .whenScenarioStateIs("lost")
            .willReturn(okJson("{\"value\": []}")));
    azure.stubFor(
        post(urlPathEqualTo(PATH + "/batches"))
            .inScenario("create")
            .whenScenarioStateIs("lost")
            .willReturn(okJson(batch("Validating", ""))));
    azure.stubFor(
        get(PATH + "/batches/batch_1").willReturn(okJson(batch("Completed", "file-out"))));
    azure.stubFor(
        get(PATH + "/files/file-out/content")
            .willReturn(
                aResponse()
                    .withBody(
                        TestCaravan.text(FakeOpenAi.answered("r-2"), FakeOpenAi.answered("r-1")))));
  }

  private static String batch(String status, String output) {
    return """
    {"id": "batch_1", "endpoint": null, "status": "%s", "created_at": "2026-11-26T00:00:00Z",
     "input_file_id": "file-in", "output_file_id": "%s", "error_file_id": "",
     "request_counts": {"total": null, "completed": null, "failed": null}, "errors": null}
    """
        .formatted(status, output);
  }
}
