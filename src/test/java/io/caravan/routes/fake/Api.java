package io.caravan.routes.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import io.caravan.routes.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/** Calls a running service as its operators and the embedded server's clients do. */
public record Api(String address) {
  public static final String TOKEN = "operators-only-0123456789";

  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration LONGEST = Duration.ofMinutes(2);

  /** OpenAI's client, connected to the embedded server. */
  public OpenAIClient openai() {
    return OpenAIOkHttpClient.builder()
        .baseUrl(address + "/v1")
        .apiKey("none")
        .maxRetries(0)
        .build();
  }

  public JsonNode get(String path) throws IOException {
    return Outcome.parse(text("GET", path, ""));
  }

  public JsonNode post(String path, String body) throws IOException {
    return Outcome.parse(text("POST", path, body));
  }

  /** Returns the body of a successful answer. */
  public String text(String method, String path, String body) throws IOException {
    HttpResponse<String> answer = send(method, path, body);
    assertThat(answer.statusCode()).as("%s %s: %s", method, path, answer.body()).isEqualTo(200);
    return answer.body();
  }

  public HttpResponse<String> send(String method, String path, String body) throws IOException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(address + path))
              .timeout(Duration.ofSeconds(30))
              .header("Authorization", "Bearer " + TOKEN)
              .method(method, BodyPublishers.ofString(body))
              .build(),
          BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  /** The latest job of a file, as operators see it. */
  public JsonNode job(String file) throws IOException {
    return StreamSupport.stream(get("/caravan/jobs?limit=100").path("jobs").spliterator(), false)
        .filter(job -> job.path("name").asText().equals(file))
        .findFirst()
        .orElse(JSON.missingNode());
  }

  /** Waits until operators see the expected state. */
  public JsonNode awaitJob(String file, Predicate<JsonNode> what) {
    return await(file)
        .atMost(LONGEST)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> job(file), what);
  }

  /**
   * Creates a batch whose requests are named after it.
   *
   * @param model {@code provider:model}, or one of the embedded server's
   */
  public String create(String name, String model, int requests) throws IOException {
    boolean embeddings = model.startsWith("all-MiniLM");
    ObjectNode body = batch(name, embeddings ? "/v1/embeddings" : "/v1/chat/completions");
    ArrayNode array = body.put("model", model).putArray("requests");
    for (int i = 1; i <= requests; i++) {
      ObjectNode request = array.addObject().put("custom_id", name + "-" + i).putObject("body");
      if (embeddings) {
        request.put("input", i == 2 ? "" : "about " + name); // an empty text is rejected
      } else {
        request.putArray("messages").addObject().put("role", "user").put("content", "Say " + i);
      }
    }
    return post("/v1/batches", body.toString()).path("id").asText();
  }

  /** Uploads a file. */
  public String upload(FilePurpose purpose, Path file) {
    return openai()
        .files()
        .create(FileCreateParams.builder().purpose(purpose).file(file).build())
        .id();
  }

  /** Creates a batch from a file. */
  public String create(String name, String endpoint, String file) throws IOException {
    return post("/v1/batches", batch(name, endpoint).put("input_file_id", file).toString())
        .path("id")
        .asText();
  }

  private static ObjectNode batch(String name, String endpoint) {
    ObjectNode body = JSON.createObjectNode().put("endpoint", endpoint);
    body.put("completion_window", "24h").putObject("metadata").put("name", name);
    return body;
  }

  public JsonNode cancel(String batch) throws IOException {
    return post("/v1/batches/" + batch + "/cancel", "");
  }

  JsonNode batch(String id) throws IOException {
    return get("/v1/batches/" + id);
  }

  public JsonNode awaitBatch(String id, String status) {
    return awaitBatch(id, batch -> batch.path("status").asText().equals(status));
  }

  public JsonNode awaitBatch(String id, Predicate<JsonNode> what) {
    return await("batch " + id)
        .atMost(LONGEST)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> batch(id), what);
  }

  /** The custom_ids in a file of the embedded server. */
  public List<String> customIds(String file) throws IOException {
    return text("GET", "/v1/files/" + file + "/content", "")
        .lines()
        .map(line -> Outcome.parse(line).path("custom_id").asText())
        .toList();
  }
}
