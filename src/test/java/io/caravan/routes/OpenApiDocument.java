package io.caravan.routes;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.Yaml;

/** The OpenAPI document, to check answers against. */
public final class OpenApiDocument {
  private static final JsonMapper JSON = new JsonMapper();
  private static final OpenApiDocument SHIPPED = new OpenApiDocument();

  private final JsonNode document;

  private OpenApiDocument() {
    try (var in =
        Objects.requireNonNull(
            OpenApiDocument.class.getResourceAsStream("/openapi/openapi.yaml"))) {
      document = JSON.valueToTree(new Yaml().load(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asserts that an answer has the documented status, content type and members. */
  public static void check(HttpResponse<String> response) {
    try {
      SHIPPED.checkOne(response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void checkOne(HttpResponse<String> response) throws IOException {
    String path = response.uri().getPath();
    String method = response.request().method().toLowerCase(Locale.ROOT);
    JsonNode operation = operation(path).path(method);
    if (operation.isMissingNode() && response.statusCode() >= 400) {
      return; // a path or method that does not exist
    }
    String call = "%s %s -> %d".formatted(method, path, response.statusCode());
    assertThat(operation.isMissingNode()).as(call + " is documented").isFalse();
    JsonNode responses = operation.path("responses");
    JsonNode documented =
        follow(
            responses.has("" + response.statusCode())
                ? responses.get("" + response.statusCode())
                : responses.path("default"));
    assertThat(documented.isMissingNode()).as(call + " has a documented status").isFalse();
    assertThat(responses.has("" + response.statusCode()) || response.statusCode() >= 400)
        .as(call + " has a documented status")
        .isTrue();
    if (documented.has("content")) {
      String type =
          response.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
      assertThat(documented.path("content").has(type)).as(call + " has type " + type).isTrue();
      if (type.endsWith("json") && !type.endsWith("ndjson")) {
        validate(call, documented.path("content").path(type).path("schema"), response.body());
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
    ObjectNode whole = JSON.createObjectNode();
    whole.set("components", document.get("components"));
    schema.properties().forEach(member -> whole.set(member.getKey(), member.getValue()));
    String problems =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(whole)
            .validate(JSON.readTree(body))
            .stream()
            .map(Error::toString)
            .collect(joining("\n"));
    assertThat(problems).as("%s: %s", call, body).isEmpty();
  }
}
