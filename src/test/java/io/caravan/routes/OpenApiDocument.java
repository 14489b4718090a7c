package io.caravan.routes;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;

/** The OpenAPI document, to check answers against. */
public final class OpenApiDocument {
  private static final JsonMapper JSON = new JsonMapper();
  private static final OpenApiDocument SHIPPED = new OpenApiDocument();

  private final JsonNode document;
  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

  private OpenApiDocument() {
    try (var in =
        Objects.requireNonNull(
            OpenApiDocument.class.getResourceAsStream("/openapi/openapi.yaml"))) {
      document = JSON.valueToTree(new Yaml().load(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * An answer to a call.
   *
   * @param type its content type
   * @param header gives the value of a header, null if it is absent
   * @param body null if it is too long to be checked
   */
  public record Answer(
      int status,
      @Nullable String type,
      Function<String, @Nullable String> header,
      @Nullable String body) {}

  /** Asserts that an answer has the documented status, headers, content type and members. */
  public static void check(HttpResponse<String> response) {
    try {
      check(
          response.request().method(),
          response.uri().getPath(),
          new Answer(
              response.statusCode(),
              header(response, "Content-Type"),
              name -> header(response, name),
              response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse(null);
  }

  /** Asserts that an answer to a call has the documented status, headers, type and members. */
  public static void check(String method, String path, Answer answer) throws IOException {
    SHIPPED.checkOne(method, path, answer);
  }

  /** The documented operations, such as {@code GET /v1/files/{file_id}}. */
  public static Stream<String> operations() {
    return SHIPPED.document.path("paths").properties().stream()
        .flatMap(path ->
            path.getValue().properties().stream()
                .map(Map.Entry::getKey)
                .filter(member -> member.matches("get|put|post|delete|patch"))
                .map(method -> method.toUpperCase(Locale.ROOT) + " " + path.getKey()));
  }

  private void checkOne(String method, String path, Answer answer) throws IOException {
    if (!path.matches("/(batch|v1)(/.*)?")) {
      return;
    }
    boolean head = method.equals("HEAD");
    JsonNode operation = operation(path).path(head ? "get" : method.toLowerCase(Locale.ROOT));
    if (operation.isMissingNode() && (answer.status() >= 400 || method.equals("OPTIONS"))) {
      return; // a path or method that does not exist
    }
    String call = "%s %s -> %d".formatted(method, path, answer.status());
    assertThat(operation.isMissingNode()).as(call + " is documented").isFalse();
    JsonNode responses = operation.path("responses");
    JsonNode documented =
        follow(
            responses.has("" + answer.status())
                ? responses.get("" + answer.status())
                : responses.path("default"));
    assertThat(documented.isMissingNode())
        .as("%s has a documented status: %s", call, answer.body())
        .isFalse();
    assertThat(responses.has("" + answer.status()) || answer.status() >= 400)
        .as(call + " has a documented status")
        .isTrue();
    documented
        .path("headers")
        .properties()
        .forEach(header -> {
          if (follow(header.getValue()).path("required").asBoolean()) {
            assertThat(answer.header().apply(header.getKey()))
                .as("%s has the header %s", call, header.getKey())
                .isNotNull();
          }
        });
    if (documented.has("content") && !head) {
      String type = Objects.requireNonNullElse(answer.type(), "").replaceFirst(";.*", "");
      assertThat(documented.path("content").has(type)).as(call + " has type " + type).isTrue();
      if (type.endsWith("json") && !type.endsWith("ndjson") && answer.body() != null) {
        validate(call, documented.path("content").path(type).path("schema"), answer.body());
      }
    }
  }

  private JsonNode operation(String path) {
    for (Map.Entry<String, JsonNode> each : document.path("paths").properties()) {
      if (!each.getKey().contains("{") && each.getKey().equals(path)) {
        return each.getValue();
      }
    }
    for (Map.Entry<String, JsonNode> each : document.path("paths").properties()) {
      if (path.matches(each.getKey().replaceAll("\\{\\w+}", "[^/]+"))) {
        return each.getValue();
      }
    }
    return document.path("paths").path(path);
  }

  private JsonNode follow(JsonNode node) {
    return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
  }

  private void validate(String call, JsonNode schema, String body) throws IOException {
    String problems =
        schemas.computeIfAbsent(schema, this::compile).validate(JSON.readTree(body)).stream()
            .map(Error::toString)
            .collect(joining("\n"));
    assertThat(problems).as("%s: %s", call, body).isEmpty();
  }

  private Schema compile(JsonNode schema) {
    ObjectNode whole = JSON.createObjectNode();
    whole.set("components", document.get("components"));
    schema.properties().forEach(member -> whole.set(member.getKey(), member.getValue()));
    return registry.getSchema(whole);
  }
}
