package io.caravan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.yaml.snakeyaml.Yaml;

/**
 * Completes the settings metadata for editors. The build runs it on the output of the annotation
 * processor, which has descriptions and types, to add the defaults from config/application.yaml.
 */
final class SettingsMetadata {
  static final String FILE = "META-INF/spring-configuration-metadata.json";
  private static final ObjectMapper JSON = new JsonMapper();

  private SettingsMetadata() {}

  public static void main(String[] classes) throws IOException {
    Path file = Path.of(classes[0], FILE);
    JsonNode metadata = JSON.readTree(file.toFile());
    for (JsonNode setting : metadata.path("properties")) {
      complete((ObjectNode) setting, shipped());
    }
    JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), metadata);
  }

  private static void complete(ObjectNode setting, JsonNode shipped) {
    setting.put(
        "description", setting.path("description").asText().replaceAll("\\{@code ([^}]*)}", "$1"));
    if (!isSeveral(setting)) {
      setting.set(
          "defaultValue", shipped.at("/" + setting.path("name").asText().replace('.', '/')));
    }
  }

  /** Whether users choose the keys below a setting. */
  static boolean isSeveral(JsonNode setting) {
    return setting.path("type").asText().startsWith("java.util.");
  }

  static JsonNode shipped() throws IOException {
    try (InputStream in = Files.newInputStream(Path.of("config/application.yaml"))) {
      return JSON.valueToTree(new Yaml().load(in));
    }
  }
}
