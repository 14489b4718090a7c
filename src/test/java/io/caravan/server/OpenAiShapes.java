package io.caravan.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.caravan.server.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Validates answers against the shapes of OpenAI's published API description. */
public final class OpenAiShapes {
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final ObjectNode SHAPES = read();

  private OpenAiShapes() {}

  public static void check(String shape, JsonNode answer) {
    assertThat(SHAPES.path("$defs").has(shape)).as("there is a shape %s", shape).isTrue();
    ObjectNode wanted = SHAPES.deepCopy().put("$ref", "#/$defs/" + shape);
    Schema schema = SCHEMAS.getSchema(wanted);
    assertThat(schema.validate(answer)).as("%s", answer).extracting(Error::toString).isEmpty();
  }

  private static ObjectNode read() {
    try (InputStream in = OpenAiShapes.class.getResourceAsStream("/server/openai-shapes.json")) {
      return (ObjectNode) Json.MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
