package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares the settings metadata for editors with config/application.yaml. */
class SettingsMetadataTest {
  private final Map<String, JsonNode> settings = new TreeMap<>();

  @BeforeEach
  void read() throws IOException {
    try (var file = Caravan.class.getResourceAsStream("/" + SettingsMetadata.FILE)) {
      new JsonMapper()
          .readTree(file)
          .path("properties")
          .forEach(setting -> settings.put(setting.path("name").asText(), setting));
    }
  }

  @Test
  void listsEverySettingWithDefault() throws IOException {
    var shipped = new TreeMap<String, String>();
    shipped.put("caravan.server.keys", ""); // commented out in the file
    flatten("caravan", SettingsMetadata.shipped().path("caravan"), shipped);

    assertThat(settings)
        .extractingFromEntries(
            it -> it.getKey() + "=" + it.getValue().path("defaultValue").asText())
        .containsExactlyElementsOf(
            shipped.entrySet().stream().map(it -> it.getKey() + "=" + it.getValue()).toList());
  }

  @Test
  void describesEverySetting() {
    assertThat(settings.values())
        .extracting(it -> it.path("description").asText())
        .allSatisfy(it -> assertThat(it).isNotBlank().doesNotContain("{@"));
  }

  @Test
  void coversAllMapSettings() {
    assertThat(settings.values())
        .filteredOn(SettingsMetadata::isSeveral)
        .extracting(it -> it.path("name").asText())
        .containsExactlyInAnyOrderElementsOf(SettingNames.MAPS);
  }

  private void flatten(String name, JsonNode value, Map<String, String> shipped) {
    if (settings.containsKey(name) && SettingsMetadata.isSeveral(settings.get(name))) {
      shipped.put(name, "");
    } else if (value.isContainerNode()) {
      value.properties().forEach(it -> flatten(name + "." + it.getKey(), it.getValue(), shipped));
    } else {
      shipped.put(name, value.asText());
    }
  }
}
