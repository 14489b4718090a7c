package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Tests the defaults in config/application.yaml, environment variables, and the rejection of
 * invalid settings.
 */
@NullMarked
class SettingsTest {
  private static final String HOSTS =
      " anthropic=anthropic at https://api.anthropic.com,"
          + " gemini=gemini at https://generativelanguage.googleapis.com/v1beta, azure=openai at /openai/v1,"
          + " deepinfra=openai at https://api.deepinfra.com/v1/openai,"
          + " groq=openai at https://api.groq.com/openai/v1,"
          + " together=openai at https://api.together.xyz/v1,"
          + " mistral=openai at https://api.mistral.ai/v1}";

  @TempDir private Path secrets;

  @Test
  void defaultsMatchApplicationYaml() {
    with(
        Map.of(),
        settings -> {
          assertThat(settings.of("caravan"))
              .containsAllEntriesOf(
                  Map.of(
                      "outbox", "outbox",
                      "duplicates", "REFUSE",
                      "maxWait", "PT72H",
                      "retention", "PT24H",
                      "deleteProviderFiles", "false",
                      "workers", "4"));
          assertThat(settings.of("caravan.intake"))
              .isEqualTo(
                  Map.of(
                      "quiet", "PT0.5S",
                      "quietUnfinished", "PT10S",
                      "subfolders", "false",
                      "followLinks", "false",
                      "maxSize", "10737418240B"));
          assertThat(settings.of("caravan.validation"))
              .isEqualTo(Map.of("maxLineSize", "16777216B", "maxRequests", "20000000"));
          assertThat(settings.of("caravan.poll"))
              .isEqualTo(
                  Map.of(
                      "initial",
                      "PT0.5S",
                      "max",
                      "PT30S",
                      "notFoundGrace",
                      "PT10M",
                      "answersGrace",
                      "PT10M",
                      "maxWithWebhooks",
                      "PT5M"));
          assertThat(settings.of("caravan.webhooks"))
              .containsAllEntriesOf(
                  Map.of("url", "", "openaiSecret", "", "geminiSecret", "", "geminiKeys", ""));
          assertThat(settings.of("caravan.retry"))
              .isEqualTo(
                  Map.of("initial", "PT1S", "max", "PT1M", "pause", "PT30S", "parkAfter", "10"));
          assertThat(settings.of("caravan.workspace"))
              .isEqualTo(Map.of("url", "", "reserve", "1073741824B", "keepCopies", "PT5M"));
          assertThat(settings.of("caravan.max-cost"))
              .isEqualTo(Map.of("file", "0.0", "day", "0.0", "outputTokens", "0"));
          assertThat(settings.of("caravan.resend")).isEqualTo(Map.of("maxAttempts", "3"));
          assertThat(settings.of("caravan.synchronous"))
              .containsAllEntriesOf(
                  Map.of(
                      "minConcurrency", "4",
                      "maxConcurrency", "32",
                      "flexTimeout", "PT15M",
                      "standardTimeout", "PT10M",
                      "flexAttempts", "2",
                      "patience", "PT5M",
                      "outputTokens", "16384"));
          assertThat(settings.of("caravan.database"))
              .isEqualTo(
                  Map.of(
                      "url",
                      "jdbc:sqlite:data/caravan.db",
                      "username",
                      "",
                      "password",
                      "",
                      "lease",
                      "PT10S"));
          assertThat(settings.of("caravan"))
              .containsEntry(
                  "providers",
                  "{local=openai at http://127.0.0.1:8080/v1,"
                      + " openai=openai at https://api.openai.com/v1,"
                      + HOSTS);
          assertThat(settings.of("caravan.server"))
              .containsAllEntriesOf(
                  Map.of(
                      "enabled", "true",
                      "directory", "data/server",
                      "fileRetention", "PT720H",
                      "batchRetention", "PT720H",
                      "cleaningInterval", "PT1M",
                      "maxDisk", "53687091200B",
                      "keys", "{}",
                      "open", "false",
                      "maxRequestsPerMinute", "0"));
          assertThat(settings.of("caravan.upstream"))
              .containsAllEntriesOf(Map.of("url", "", "apiKey", "", "maxConcurrency", "32"));
          assertThat(settings.property("server.address")).isEqualTo("127.0.0.1");
          assertThat(settings.property("server.port")).isEqualTo("8080");
          assertThat(settings.property("caravan.provider")).isEqualTo("local");
        });
  }

  /** Variable, its value, settings prefix, setting name, and expected value of the setting. */
  private static final String[][] VARIABLES = {
    {"CARAVAN_OUTBOX", "/tmp/out", "caravan", "outbox", "/tmp/out"},
    {"CARAVAN_DUPLICATES", "allow", "caravan", "duplicates", "ALLOW"},
    {"CARAVAN_DELETE_PROVIDER_FILES", "true", "caravan", "deleteProviderFiles", "true"},
    {"CARAVAN_INTAKE_QUIET", "2s", "caravan.intake", "quiet", "PT2S"},
    {"CARAVAN_INTAKE_QUIET_UNFINISHED", "1m", "caravan.intake", "quietUnfinished", "PT1M"},
    {"CARAVAN_INTAKE_SUBFOLDERS", "true", "caravan.intake", "subfolders", "true"},
    {"CARAVAN_INTAKE_MAX_SIZE", "1GB", "caravan.intake", "maxSize", "1073741824B"},
    {"CARAVAN_VALIDATION_MAX_LINE_SIZE", "1KB", "caravan.validation", "maxLineSize", "1024B"},
    {"CARAVAN_POLL_INITIAL", "200ms", "caravan.poll", "initial", "PT0.2S"},
    {"CARAVAN_POLL_MAX", "30s", "caravan.poll", "max", "PT30S"},
    {"CARAVAN_POLL_NOT_FOUND_GRACE", "0s", "caravan.poll", "notFoundGrace", "PT0S"},
    {"CARAVAN_POLL_ANSWERS_GRACE", "1m", "caravan.poll", "answersGrace", "PT1M"},
    {"CARAVAN_POLL_MAX_WITH_WEBHOOKS", "1h", "caravan.poll", "maxWithWebhooks", "PT1H"},
    {"CARAVAN_WEBHOOKS_URL", "https://c.test/", "caravan.webhooks", "url", "https://c.test"},
    {"OPENAI_WEBHOOK_SECRET", "whsec_1", "caravan.webhooks", "openaiSecret", "whsec_1"},
    {"CARAVAN_RETRY_MAX", "5m", "caravan.retry", "max", "PT5M"},
    {"CARAVAN_RETRY_PARK_AFTER", "3", "caravan.retry", "parkAfter", "3"},
    {"CARAVAN_MAX_WAIT", "25h", "caravan", "maxWait", "PT25H"},
    {"CARAVAN_SYNCHRONOUS_FLEX_TIMEOUT", "1h", "caravan.synchronous", "flexTimeout", "PT1H"},
    {"CARAVAN_RESEND_MAX_ATTEMPTS", "1", "caravan.resend", "maxAttempts", "1"},
    {"CARAVAN_DATABASE_USERNAME", "me", "caravan.database", "username", "me"},
    {"CARAVAN_DATABASE_LEASE", "30s", "caravan.database", "lease", "PT30S"},
    {"CARAVAN_DATABASE_URL", "jdbc:sqlite:x.db", "caravan.database", "url", "jdbc:sqlite:x.db"},
    {
      "CARAVAN_WORKSPACE_URL",
      "s3://bucket/prefix",
      "caravan.workspace",
      "url",
      "s3://bucket/prefix"
    },
    {"CARAVAN_WORKSPACE_RESERVE", "2GB", "caravan.workspace", "reserve", "2147483648B"},
    {"CARAVAN_WORKSPACE_KEEP_COPIES", "0s", "caravan.workspace", "keepCopies", "PT0S"},
    {"CARAVAN_SERVER_KEYS_ALICE", "0123", "caravan.server", "keys", "{alice=0123}"},
    {
      "CARAVAN_CLIENT_LIMITS_ALICE_PROVIDERS",
      "local",
      "caravan.client",
      "limits",
      "{alice=Limits[providers=[local], models=[], maxPriority=10]}"
    },
    {"CARAVAN_SERVER_OPEN", "true", "caravan.server", "open", "true"},
    {"CARAVAN_SERVER_MAX_DISK", "1TB", "caravan.server", "maxDisk", "1099511627776B"},
    {
      "CARAVAN_SERVER_MAX_REQUESTS_PER_MINUTE",
      "600",
      "caravan.server",
      "maxRequestsPerMinute",
      "600"
    },
    {"CARAVAN_SERVER_BATCH_RETENTION", "7d", "caravan.server", "batchRetention", "PT168H"},
    {"CARAVAN_UPSTREAM_URL", "http://llm:8000/v1", "caravan.upstream", "url", "http://llm:8000/v1"},
    {"CARAVAN_UPSTREAM_API_KEY", "sk-1", "caravan.upstream", "apiKey", "sk-1"},
    {"CARAVAN_UPSTREAM_MAX_CONCURRENCY", "99", "caravan.upstream", "maxConcurrency", "99"}
  };

  @Test
  void readsEnvironmentVariables() {
    var environment = new HashMap<String, String>();
    for (String[] variable : VARIABLES) {
      environment.put(variable[0], variable[1]);
    }

    with(
        environment,
        settings -> {
          for (String[] variable : VARIABLES) {
            assertThat(settings.of(variable[2]))
                .as(variable[0])
                .containsEntry(variable[3], variable[4]);
          }
        });
  }

  @Test
  void derivesPathsFromDataFolder() {
    with(
        Map.of("CARAVAN_DATA", "/var/caravan"),
        settings -> {
          assertThat(settings.of("caravan.database"))
              .containsEntry("url", "jdbc:sqlite:/var/caravan/caravan.db");
          assertThat(settings.of("caravan.server"))
              .containsEntry("directory", "/var/caravan/server");
        });
  }

  @Test
  void readsHostsFromEnvironment() {
    with(
        Map.of("SERVER_PORT", "9090", "OPENAI_BASE_URL", "http://gateway/v1"),
        settings ->
            assertThat(settings.of("caravan"))
                .containsEntry(
                    "providers",
                    "{local=openai at http://127.0.0.1:9090/v1, openai=openai at http://gateway/v1,"
                        + HOSTS));
  }

  @Test
  void readsKeysFromMountedFiles() throws IOException {
    Map<String, String> keys =
        Map.of(
            "OPENAI_API_KEY",
            "caravan.providers.openai.api-key",
            "CARAVAN_DATABASE_PASSWORD",
            "caravan.database.password",
            "CARAVAN_UPSTREAM_API_KEY",
            "caravan.upstream.api-key",
            "CARAVAN_OPERATOR_TOKEN",
            "caravan.operator.token",
            "caravan.server.keys.alice",
            "caravan.server.keys.alice");
    for (String name : keys.keySet()) {
      Files.writeString(secrets.resolve(name), "sk-mounted-%s\n".formatted(name));
    }
    var mounted =
        new ConfigTreePropertySource(
            "secrets", secrets, ConfigTreePropertySource.Option.AUTO_TRIM_TRAILING_NEW_LINE);

    with(
        Map.of(),
        mounted,
        settings ->
            keys.forEach(
                (name, key) -> assertThat(settings.property(key)).isEqualTo("sk-mounted-" + name)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "caravan.intake.quite=1s",
        "caravan.validation.max-lines=1",
        "caravan.poll.inital=1s",
        "caravan.retry.maximum=1s",
        "caravan.synchronous.timeout=1s",
        "caravan.database.user=me",
        "caravan.operator.key=x",
        "caravan.workspace.bucket=x",
        "caravan.server.dir=x",
        "caravan.client.limits.alice.model=x",
        "caravan.upstream.key=x"
      })
  void rejectsUnknownSetting(String setting) {
    runner(Map.of(), null)
        .withInitializer(
            context -> context.getEnvironment().getPropertySources().addFirst(typed(setting)))
        .run(context -> assertThat(context).hasFailed());
  }

  @ParameterizedTest
  @CsvSource({
    "CARAVAN_POLL_INITIAL, soon",
    "CARAVAN_DUPLICATES, perhaps",
    "CARAVAN_WORKERS, 0",
    "CARAVAN_MAX_WAIT, 23h",
    "CARAVAN_RESEND_MAX_ATTEMPTS, 0",
    "CARAVAN_SYNCHRONOUS_FLEX_ATTEMPTS, 0",
    "CARAVAN_MAX_COST_FILE, -1",
    "CARAVAN_DATABASE_LEASE, 500ms",
    "CARAVAN_WORKSPACE_KEEP_COPIES, -1s",
    "CARAVAN_INTAKE_MAX_SIZE, huge",
    "CARAVAN_DATABASE_URL, ''",
    "CARAVAN_UPSTREAM_URL, localhost:8000",
    "CARAVAN_WEBHOOKS_URL, caravan.example.org",
    "CARAVAN_WEBHOOKS_GEMINI_KEYS, jwks.json"
  })
  void rejectsInvalidValue(String name, String value) {
    runner(Map.of(name, value), null).run(context -> assertThat(context).hasFailed());
  }

  @Test
  void neverShowsKeys() {
    with(
        Map.of(
            "OPENAI_API_KEY",
            "sk-secret",
            "CARAVAN_UPSTREAM_API_KEY",
            "sk-secret",
            "OPENAI_WEBHOOK_SECRET",
            "sk-secret",
            "CARAVAN_WEBHOOKS_GEMINI_SECRET",
            "sk-secret",
            "CARAVAN_SERVER_KEYS_ALICE",
            "sk-secret",
            "CARAVAN_SERVER_OWN_KEY",
            "sk-secret",
            "CARAVAN_DATABASE_PASSWORD",
            "sk-secret"),
        settings ->
            assertThat(settings.records().values())
                .isNotEmpty()
                .noneMatch(record -> record.toString().contains("sk-secret")));
  }

  private static PropertySource<?> typed(String setting) {
    String[] pair = setting.split("=", 2);
    return new MapPropertySource("typed", Map.of(pair[0], pair[1]));
  }

  private static void with(Map<String, String> environment, Consumer<Read> check) {
    with(environment, null, check);
  }

  private static void with(
      Map<String, String> environment, @Nullable PropertySource<?> more, Consumer<Read> check) {
    runner(environment, more)
        .run((AssertableApplicationContext context) -> {
          assertThat(context).hasNotFailed();
          check.accept(new Read(context));
        });
  }

  /** Loads config/application.yaml like the application, in a separate environment. */
  private static ApplicationContextRunner runner(
      Map<String, String> environment, @Nullable PropertySource<?> more) {
    return new ApplicationContextRunner()
        .withInitializer(context -> {
          var sources = context.getEnvironment().getPropertySources();
          sources.replace(
              StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
              new SystemEnvironmentPropertySource(
                  StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                  new HashMap<String, Object>(environment)));
          if (more != null) {
            sources.addFirst(more);
          }
        })
        .withInitializer(new ConfigDataApplicationContextInitializer())
        .withUserConfiguration(AllSettings.class);
  }

  @ConfigurationPropertiesScan(basePackageClasses = Caravan.class)
  private static final class AllSettings {}

  /** The settings as bound to records. */
  private record Read(ApplicationContext context) {
    Map<String, Object> records() {
      return context.getBeansWithAnnotation(ConfigurationProperties.class);
    }

    @Nullable String property(String key) {
      return context.getEnvironment().getProperty(key);
    }

    /** All components of the records with a prefix. */
    Map<String, String> of(String prefix) {
      var values = new TreeMap<String, String>();
      for (Object settings : records().values()) {
        if (prefix.equals(prefix(settings))) {
          Arrays.stream(settings.getClass().getRecordComponents())
              .forEach(c -> values.put(c.getName(), value(c, settings)));
        }
      }
      return values;
    }

    private static String prefix(Object settings) {
      return MergedAnnotations.from(settings.getClass())
          .get(ConfigurationProperties.class)
          .getString("prefix");
    }

    private static String value(RecordComponent component, Object settings) {
      try {
        var accessor = component.getAccessor();
        accessor.setAccessible(true);
        return String.valueOf(accessor.invoke(settings));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
