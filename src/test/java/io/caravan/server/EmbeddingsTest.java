package io.caravan.server;

import static io.caravan.server.TestServer.embedding;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.errors.NotFoundException;
import com.openai.models.batches.Batch;
import com.openai.models.embeddings.EmbeddingCreateParams;
import io.caravan.server.wire.Endpoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingsTest {
  private static final String MODEL = "all-MiniLM-L6-v2";

  @TempDir private static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void placesSimilarTextsCloseTogether() {
    Batch batch =
        server.run(
            Endpoint.EMBEDDINGS,
            embedding("cat", "A cat sleeps on the sofa."),
            embedding("kitten", "A kitten naps on the couch."),
            embedding("bank", "The central bank raised interest rates."));

    List<JsonNode> lines = server.lines(batch.outputFileId());
    double[] cat = vector(lines, "cat");
    assertThat(cat).hasSize(384);
    assertThat(dot(cat, cat)).isCloseTo(1, Offset.offset(0.001));
    assertThat(dot(cat, vector(lines, "kitten")))
        .isGreaterThan(dot(cat, vector(lines, "bank")) + 0.3);
  }

  @Test
  void answersTheOfficialClientSynchronously() {
    var response =
        server
            .client()
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model(MODEL)
                    .inputOfArrayOfStrings(List.of("red", "blue and green"))
                    .build());

    assertThat(response.model()).isEqualTo(MODEL);
    assertThat(response.data()).hasSize(2);
    assertThat(response.data().getLast().index()).isEqualTo(1);
    assertThat(response.data().getLast().embedding()).hasSize(384);
    assertThat(response.usage().promptTokens()).isBetween(4L, 8L);
  }

  @Test
  void writesBase64AsLittleEndianFloats() throws Exception {
    JsonNode floats = post("{\"model\":\"%s\",\"input\":\"red\",\"encoding_format\":\"float\"}");
    JsonNode base64 = post("{\"model\":\"%s\",\"input\":\"red\",\"encoding_format\":\"base64\"}");

    byte[] bytes = Base64.getDecoder().decode(base64.at("/data/0/embedding").asText());
    assertThat(bytes).hasSize(384 * Float.BYTES);
    assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat())
        .isEqualTo(floats.at("/data/0/embedding/0").floatValue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"model\":\"%s\",\"input\":[1,2]}|input|token ids",
        "{\"model\":\"%s\",\"input\":[[1,2]]}|input|token ids",
        "{\"model\":\"%s\",\"input\":[]}|input|1 to 2048",
        "{\"model\":\"%s\",\"input\":\"\"}|input|empty",
        "{\"model\":\"%s\",\"input\":[\"a\",\"\"]}|input|empty",
        "{\"model\":\"%s\",\"input\":{\"a\":\"b\"}}|input|array of strings",
        "{\"model\":\"%s\",\"input\":true}|input|array of strings",
        "{\"model\":\"%s\",\"input\":[\"a\",{}]}|input|array of strings",
        "{\"model\":\"%s\",\"input\":\" \\n\"}|input|empty",
        "{\"model\":\"%s\",\"input\":\"\\u0001\"}|input|empty",
        "{\"model\":\"%s\",\"input\":[\"a\",\"\\u00a0\\u200b\"]}|input|empty",
        "{\"model\":\"%s\",\"input\":\"a\",\"dimensions\":256}|dimensions|384",
        "{\"model\":\"%s\",\"input\":\"a\",\"dimensions\":384.5}|dimensions|384",
        "{\"model\":\"%s\",\"input\":\"a\",\"dimensions\":\"384\"}|dimensions|384",
        "{\"model\":\"%s\",\"input\":\"a\",\"dimensions\":4294967680}|dimensions|384",
        "{\"model\":\"%s\",\"input\":\"a\",\"dimensions\":18446744073709552000}|dimensions|384",
        "{\"model\":\"%s\",\"input\":\"a\",\"encoding_format\":{}}|encoding_format|base64",
        "{\"model\":{\"id\":\"%s\"},\"input\":\"a\"}|model|a string",
        "{\"model\":\"%s\",\"input\":\"a\",\"encoding_format\":\"hex\"}|encoding_format|base64",
        "{\"model\":\"%s\"}|input|Missing",
        "{\"model\":\"%s\",\"input\":\"a\",\"stream\":true}|stream|stream",
      })
  void refusesUnsupportedRequests(String body, String param, String message) throws Exception {
    var response = server.post("/v1/embeddings", body.formatted(MODEL));

    JsonNode error = TestServer.json(response.body()).path("error");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(error.path("param").asText()).isEqualTo(param);
    assertThat(error.path("message").asText()).contains(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"%s\",\"input\":\"a\\ud83d\"}",
        "{\"model\":\"%s\",\"input\":[\"a\",\"\\ude00\\ud83d\"]}",
        "{\"model\":\"%s\\ud83d\",\"input\":\"a\"}",
        "{\"model\":\"%s\",\"input\":\"a\",\"user\":{\"a\":[\"\\ud83d\"]}}"
      })
  void refusesHalfASurrogatePair(String body) throws Exception {
    var response = server.post("/v1/embeddings", body.formatted(MODEL));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("half of a surrogate pair");
  }

  /** Texts over the limit are refused; a text that is far too long is not even tokenized. */
  @ParameterizedTest
  @ValueSource(ints = {510, 1_000, 20_000})
  void refusesTextsThatAreTooLong(int words) throws Exception {
    var response =
        server.post(
            "/v1/embeddings",
            "{\"model\":\"%s\",\"input\":\"%s\"}".formatted(MODEL, "word ".repeat(words)));

    JsonNode error = TestServer.json(response.body()).path("error");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(error.path("message").asText())
        .isEqualTo("Invalid 'input': maximum input length is 509 tokens.");
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
  }

  @Test
  void embedsTextsToTheirEnd() throws Exception {
    String begin = "word ".repeat(400);

    assertThat(vectorOf(begin + "volcano")).isNotEqualTo(vectorOf(begin + "teaspoon"));
  }

  private JsonNode vectorOf(String text) throws Exception {
    return post("{\"model\":\"%%s\",\"input\":\"%s\"}".formatted(text)).at("/data/0/embedding");
  }

  @Test
  void namesTheTextThatIsTooLong() throws Exception {
    String fits = "word ".repeat(509);
    var response =
        server.post(
            "/v1/embeddings",
            "{\"model\":\"%s\",\"input\":[\"%s\",\"%s\"]}".formatted(MODEL, fits, fits + "more"));

    assertThat(response.body()).contains("'input[1]'");
    assertThat(
            post("{\"model\":\"%%s\",\"input\":\"%s\"}".formatted(fits)).at("/usage/total_tokens"))
        .hasToString("509");
  }

  @Test
  void aBadTextFailsOnlyItsRequest() {
    Batch batch =
        server.run(
            Endpoint.EMBEDDINGS,
            embedding("good", "red"),
            embedding("half", "a\\ud83d"),
            embedding("blank", "\\u0001"),
            embedding("object", "x").replace("\"x\"", "{\"a\":\"x\"}"),
            embedding("long", "word ".repeat(510)));

    assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
    assertThat(server.lines(batch.outputFileId()))
        .extracting(line -> line.path("custom_id").asText())
        .containsExactly("good");
    assertThat(server.lines(batch.errorFileId()))
        .hasSize(4)
        .allSatisfy(line -> assertThat(line.at("/response/status_code").asInt()).isEqualTo(400));
  }

  @Test
  void namesItsModelWhenAskedForAnother() {
    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(() ->
            server
                .client()
                .embeddings()
                .create(
                    EmbeddingCreateParams.builder()
                        .model("text-embedding-3-small")
                        .input("a")
                        .build()))
        .satisfies(e -> assertThat(e.code()).contains("model_not_found"))
        .withMessageContaining(MODEL);
  }

  @Test
  void listsItsModel() {
    assertThat(server.client().models().list().data())
        .extracting(model -> model.id())
        .containsExactly(MODEL);
  }

  private static JsonNode post(String body) throws Exception {
    return TestServer.json(server.post("/v1/embeddings", body.formatted(MODEL)).body());
  }

  private static double[] vector(List<JsonNode> lines, String customId) {
    JsonNode line =
        lines.stream()
            .filter(l -> l.path("custom_id").asText().equals(customId))
            .findFirst()
            .orElseThrow();
    return line.at("/response/body/data/0/embedding")
        .valueStream()
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
