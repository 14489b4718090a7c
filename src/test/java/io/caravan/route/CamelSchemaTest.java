package io.caravan.route;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.caravan.route.yaml.RouteFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** Validates route files with Camel's schemas for editors; Kaoto writes the canonical form. */
class CamelSchemaTest {
  private static final ObjectMapper JSON = new JsonMapper();
  private static final Schema SCHEMA = schema("camelYamlDsl");
  private static final Schema CANONICAL = schema("camelYamlDsl-canonical");

  static Stream<Arguments> files() {
    return Stream.of(Path.of("routes"), Path.of("samples"))
        .flatMap(folder -> read(folder).entrySet().stream())
        .map(it -> arguments(it.getKey(), it.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void acceptsShippedFile(String name, String text) {
    assertThat(problems(SCHEMA, text)).as(name).isEmpty();
    // by mistake, the canonical schema asks for every data format at once
    assertThat(problems(CANONICAL, text).replaceAll("\\S*marshal: required property .*\n?", ""))
        .as(name)
        .isEmpty();
  }

  @Test
  void rejectsUnknownOption() {
    String text = "- route: {from: {uri: direct:x, steps: [{log: {mesage: Hello}}]}}";

    assertThat(problems(SCHEMA, text)).contains("mesage");
    assertThat(problems(CANONICAL, text)).contains("mesage");
  }

  @Test
  void distinguishesCanonicalForm() {
    String text = "- route: {from: {uri: direct:x, steps: [{to: log:x}]}}";

    assertThat(problems(SCHEMA, text)).isEmpty();
    assertThat(problems(CANONICAL, text)).isNotEmpty();
  }

  private static String problems(Schema schema, String text) {
    JsonNode file = JSON.valueToTree(new Yaml().load(text));
    return schema.validate(file).stream().map(Error::toString).collect(joining("\n"));
  }

  private static Map<String, String> read(Path folder) {
    try {
      return RouteFile.read(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Schema schema(String name) {
    try (var in = CamelSchemaTest.class.getResourceAsStream("/schema/%s.json".formatted(name))) {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4)
          .getSchema(JSON.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
