package io.caravan.route.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.route.component.Component.Kind;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComponentsTest {
  private final Components components =
      new Components(new DefaultCamelCatalog(true), ComponentsTest.class.getClassLoader());

  @ParameterizedTest
  @CsvSource({
    "COMPONENT, file, camel-file, file, true",
    "COMPONENT, aws2-s3, camel-aws2-s3, aws2-s3, true",
    "COMPONENT, kafka, camel-kafka, kafka, false",
    "COMPONENT, sftp, camel-ftp, sftp, false",
    "COMPONENT, imaps, camel-mail, imaps, false",
    "COMPONENT, avro, camel-avro-rpc, avro-rpc, false",
    "LANGUAGE, simple, camel-core-languages, simple, true",
    "LANGUAGE, tokenize, camel-core-languages, tokenize, true",
    "LANGUAGE, method, camel-bean, bean, true",
    "LANGUAGE, jq, camel-jq, jq, false",
    "DATA_FORMAT, csv, camel-csv, csv, false",
    "OTHER, main, camel-main, main, true",
    "OTHER, resilience4j, camel-resilience4j, resilience4j, false"
  })
  void findsTheLibraryOfWhatARouteNames(
      Kind kind, String name, String artifact, String addName, boolean installed) {
    Component found = components.find(kind, name).orElseThrow();

    assertThat(found.artifact()).isEqualTo(artifact);
    assertThat(found.addName()).isEqualTo(addName);
    assertThat(found.installed()).isEqualTo(installed);
    assertThat(found.title()).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource({
    "json, '', camel-jackson, true",
    "json, Jackson, camel-jackson, true",
    "json, Gson, camel-gson, false",
    "json, JSON-B, camel-jsonb, false",
    "yaml, '', camel-snakeyaml, false",
    "avro, '', camel-avro, false",
    "avro, Jackson, camel-jackson-avro, false",
    "csv, '', camel-csv, false",
    "bindyKvp, '', camel-bindy, false",
    "bindy, '', camel-bindy, false"
  })
  void findsTheLibraryOfADataFormat(
      String element, String library, String artifact, boolean installed) {
    Component found = components.dataFormat(element, library).orElseThrow();

    assertThat(found.artifact()).isEqualTo(artifact);
    assertThat(found.installed()).isEqualTo(installed);
  }

  @Test
  void findsNothingForAnUnknownScheme() {
    assertThat(components.find(Kind.COMPONENT, "kafak")).isEmpty();
  }

  @Test
  void findsAComponentOfAUser(@TempDir Path folder) throws IOException {
    Path service =
        Files.createDirectories(folder.resolve(Kind.COMPONENT.services())).resolve("own");
    Files.writeString(service, "class=acme.OwnComponent");

    try (var libraries = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      var own = new Components(new DefaultCamelCatalog(), libraries);

      assertThat(own.find(Kind.COMPONENT, "own").orElseThrow().installed()).isTrue();
    }
  }
}
