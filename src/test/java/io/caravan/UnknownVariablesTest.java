package io.caravan;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Tests with variables that are settings, variables of other software, and typing errors. */
@ExtendWith(OutputCaptureExtension.class)
class UnknownVariablesTest {
  @TempDir private Path routes;

  @ParameterizedTest
  @CsvSource({
    "CARAVAN_POL_MAX, CARAVAN_POLL_MAX",
    "CARAVAN_POLLMAX, CARAVAN_POLL_MAX",
    "CARAVAN_POLL_NOT_FOUND_GRACES, CARAVAN_POLL_NOT_FOUND_GRACE",
    "CARAVAN_DUPLICATE, CARAVAN_DUPLICATES",
    "CARAVAN_PROVIDER_OPENAI_API_KEY, CARAVAN_PROVIDERS_OPENAI_API_KEY"
  })
  void warnsWithNearestName(String wrong, String right, CapturedOutput output) {
    look(Map.of(wrong, "sk-secret"));

    assertThat(output.getAll().lines().filter(line -> line.contains("is not a setting")))
        .singleElement()
        .asString()
        .contains("WARN", "%s is not a setting. Did you mean %s?".formatted(wrong, right));
    assertThat(output).doesNotContain("sk-secret");
  }

  @Test
  void warnsAboutEachVariable(CapturedOutput output) {
    look(variables("CARAVAN_BUCKET", "CARAVAN_POL_MAX"));

    assertThat(output)
        .containsOnlyOnce("CARAVAN_BUCKET is not a setting, and no route refers to it.")
        .containsOnlyOnce("CARAVAN_POL_MAX is not a setting.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CARAVAN_ROUTES",
        "CARAVAN_POLL_NOTFOUNDGRACE",
        "CARAVAN_POLL_NOT_FOUND_GRACE",
        "CARAVAN_PROVIDERS_OPENAI_APIKEY",
        "CARAVAN_PROVIDERS_MINE_BASEURL",
        "CARAVAN_SERVER_KEYS_ALICE",
        "CARAVAN_UPSTREAM_FURTHER_GPU_URL",
        "CARAVAN_NORMALISATION_0_DROP_1",
        "CARAVAN_DATABASE_PASSWORD",
        "CARAVAN_OPERATOR_TOKEN",
        "CARAVAN_CALLBACK_SECRET",
        "CARAVAN_CALLBACK_SECRET_TEAM_A",
        "CARAVAN_UPSTREAM_API_KEY",
        "OTHER_POL_MAX"
      })
  void acceptsVariablesOfSettings(String name, CapturedOutput output) {
    look(Map.of(name, routes.toString()));

    assertThat(output).doesNotContain("is not a setting");
  }

  @Test
  void acceptsVariablesUsedByRoutes(CapturedOutput output) throws IOException {
    Files.createDirectory(routes.resolve("pipelines"));
    Files.copy(
        Path.of("samples/pipelines/s3-events.camel.yaml"),
        routes.resolve("pipelines/s3-events.camel.yaml"));

    look(variables("CARAVAN_S3_BUCKET", "CARAVAN_SQS_QUEUE_URL", "CARAVAN_S3"));

    assertThat(output).containsOnlyOnce("is not a setting").contains("CARAVAN_S3 is not");
  }

  @Test
  void acceptsVariablesUsedBySettings(CapturedOutput output) {
    look(Map.of("CARAVAN_HOME", "/home", "CARAVAN_DATA", "${CARAVAN_HOME}/data"));

    assertThat(output).doesNotContain("is not a setting");
  }

  @Test
  void acceptsVariablesFromKubernetes(CapturedOutput output) {
    look(
        variables(
            "CARAVAN_SERVICE_HOST",
            "CARAVAN_SERVICE_PORT_HTTP",
            "CARAVAN_PORT",
            "CARAVAN_PORT_8080_TCP_ADDR",
            "CARAVAN_WEB_SERVICE_HOST",
            "CARAVAN_WEB_PORT"));

    assertThat(output).doesNotContain("is not a setting");
  }

  private static Map<String, String> variables(String... names) {
    return Stream.of(names).collect(toMap(name -> name, name -> "x"));
  }

  @Test
  void checksAtEveryStart(CapturedOutput output) {
    var spring = new SpringApplication(Nothing.class);
    spring.setWebApplicationType(WebApplicationType.NONE);
    spring.setEnvironment(environment(variables("CARAVAN_POL_MAX")));
    spring.run().close();

    assertThat(output).containsOnlyOnce("CARAVAN_POL_MAX is not a setting.");
  }

  private void look(Map<String, String> variables) {
    var environment = environment(variables);
    ConfigDataEnvironmentPostProcessor.applyTo(environment);
    new UnknownVariables(Supplier::get)
        .postProcessEnvironment(environment, new SpringApplication());
  }

  private StandardEnvironment environment(Map<String, String> variables) {
    var all = new HashMap<String, Object>(variables);
    all.putIfAbsent("CARAVAN_ROUTES", routes.toString());
    return new StandardEnvironment() {
      @Override
      protected void customizePropertySources(MutablePropertySources sources) {
        sources.addLast(
            new SystemEnvironmentPropertySource(SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, all));
      }
    };
  }

  private static final class Nothing {}
}
