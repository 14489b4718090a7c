package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Tests overlay files of environments, and typing errors in them. */
@ExtendWith(OutputCaptureExtension.class)
class UnknownSettingsTest {
  @TempDir private Path folder;

  @BeforeEach
  void copySettings() throws IOException {
    Files.copy(Path.of("config/application.yaml"), folder.resolve("application.yaml"));
  }

  @Test
  void readsOverlayOfEnvironment(CapturedOutput output) throws IOException {
    overlay(
        "caravan:",
        "  poll: {max: 3s}",
        "  providers: {mine: {base-url: http://mine/v1}}",
        "  normalisation: [{models: x}]",
        "acme:",
        "  bucket: acme-production");

    ConfigurableEnvironment settings = load(Map.of("SPRING_PROFILES_ACTIVE", "production"));

    assertThat(settings.getProperty("caravan.poll.max")).isEqualTo("3s");
    assertThat(settings.getProperty("caravan.poll.initial")).isEqualTo("500ms");
    assertThat(settings.getProperty("acme.bucket")).isEqualTo("acme-production");
    assertThat(output).doesNotContain("WARN");
  }

  @Test
  void prefersVariablesToOverlay() throws IOException {
    overlay("acme.bucket: acme-production");

    var settings = load(Map.of("SPRING_PROFILES_ACTIVE", "production", "ACME_BUCKET", "other"));

    assertThat(settings.getProperty("acme.bucket")).isEqualTo("other");
  }

  @Test
  void warnsAboutTypingErrors(CapturedOutput output) throws IOException {
    overlay("caravan:", "  duplicate: allow", "  pol: {max: 3s}", "  bucket: b");

    load(Map.of("SPRING_PROFILES_ACTIVE", "production"));

    assertThat(output)
        .containsOnlyOnce("line 2: caravan.duplicate is not a setting. Did you mean caravan.dupli")
        .containsOnlyOnce("line 3: caravan.pol.max is not a setting. Did you mean caravan.poll.max")
        .containsOnlyOnce("line 4: caravan.bucket is not a setting, and no route refers to it.")
        .contains(folder.resolve("application-production.yaml").toString());
  }

  @Test
  void acceptsKeysUsedByRoutes(CapturedOutput output) throws IOException {
    overlay("caravan.bucket: b");
    Files.writeString(folder.resolve("a.camel.yaml"), "uri: aws2-s3:{{caravan.bucket}}");

    load(Map.of("SPRING_PROFILES_ACTIVE", "production"));

    assertThat(output).doesNotContain("is not a setting");
  }

  @Test
  void warnsAboutTypingErrorsInApplicationYaml(CapturedOutput output) throws IOException {
    Files.writeString(folder.resolve("application.yaml"), "caravan:\n  worker: 5\n");

    load(Map.of());

    assertThat(output).containsOnlyOnce("line 2: caravan.worker is not a setting. Did you mean");
  }

  @Test
  void warnsAboutEnvironmentWithoutFile(CapturedOutput output) throws IOException {
    overlay("caravan.workers: 5");

    load(Map.of("SPRING_PROFILES_ACTIVE", "production,prodution"));

    assertThat(output)
        .containsOnlyOnce(
            "There is no config/application-prodution.yaml for the environment \"prodution\"")
        .doesNotContain("application-production.yaml for");
  }

  @Test
  void acceptsEnvironmentAsSectionOfApplicationYaml(CapturedOutput output) throws IOException {
    Files.writeString(
        folder.resolve("application.yaml"),
        """
        caravan.workers: 5
        ---
        spring.config.activate.on-profile: staging
        caravan.workers: 6
        """);

    var settings = load(Map.of("SPRING_PROFILES_ACTIVE", "staging"));

    assertThat(settings.getProperty("caravan.workers")).isEqualTo("6");
    assertThat(output).doesNotContain("There is no config");
  }

  private void overlay(String... lines) throws IOException {
    Files.write(folder.resolve("application-production.yaml"), List.of(lines));
  }

  /** Loads the settings of a start whose folder {@code config} is the temporary one. */
  private ConfigurableEnvironment load(Map<String, String> variables) {
    var all = new HashMap<String, Object>(variables);
    all.put("CARAVAN_ROUTES", folder.toString());
    all.put("SPRING_CONFIG_ADDITIONAL_LOCATION", "file:%s/".formatted(folder));
    var spring = new SpringApplication(Nothing.class);
    spring.setWebApplicationType(WebApplicationType.NONE);
    spring.setEnvironment(
        new StandardEnvironment() {
          @Override
          protected void customizePropertySources(MutablePropertySources sources) {
            sources.addLast(
                new SystemEnvironmentPropertySource(SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, all));
          }
        });
    try (var context = spring.run()) {
      return context.getEnvironment();
    }
  }

  private static final class Nothing {}
}
