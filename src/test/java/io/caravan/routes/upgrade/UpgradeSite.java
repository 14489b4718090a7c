package io.caravan.routes.upgrade;

import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Api;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Upstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The environment for creating upgrade data: a folder with the shipped routes and an extra
 * pipeline, a database, and the fakes that it calls.
 *
 * @param database the URL of PostgreSQL; empty for SQLite
 */
record UpgradeSite(Path folder, String database, CountingProvider provider, Upstream upstream) {
  static final Path PIPELINE = Path.of("src/test/resources/upgrade/shop.camel.yaml");

  private static final String TEMPLATE =
      """
      endpoint: /v1/chat/completions
      model: gpt-4.1-nano
      prompt: "{{question}}"
      carry: [id]
      """;

  UpgradeSite {
    try {
      Files.createDirectories(folder.resolve("inbox"));
      Files.createDirectories(folder.resolve("inbox-shop"));
      TestCaravan.copyRoutes(folder.resolve("routes"));
      Files.copy(PIPELINE, folder.resolve("routes/pipelines/shop.camel.yaml"));
      Files.createDirectory(folder.resolve("templates"));
      Files.writeString(folder.resolve("templates/default.yaml"), TEMPLATE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The application in this process, with keys for two providers. */
  TestCaravan inProcess() throws IOException {
    TestCaravan caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", folder.resolve("routes"))
            .with("caravan.provider", "openai")
            .with("caravan.providers.openai.base-url", provider.url())
            .with("caravan.providers.openai.api-key", "not-a-key")
            .with("caravan.providers.deepinfra.base-url", provider.url())
            .with("caravan.providers.deepinfra.api-key", "not-a-key")
            .with("caravan.upstream.url", upstream.url())
            .with("caravan.upstream.max-concurrency", 1)
            .with("caravan.operator.token", Api.TOKEN);
    return database.isEmpty() ? caravan : caravan.with("caravan.database.url", database);
  }

  /** The same for a separate process, in which failures wait for hours or for an operator. */
  Map<String, String> variables(int port) {
    var variables = new HashMap<String, String>();
    variables.put("SERVER_PORT", "" + port);
    variables.put("CARAVAN_INBOX", folder.resolve("inbox").toString());
    variables.put("CARAVAN_OUTBOX", folder.resolve("outbox").toString());
    variables.put("CARAVAN_DATA", folder.resolve("data").toString());
    variables.put("CARAVAN_ROUTES", folder.resolve("routes").toString());
    variables.put("CARAVAN_TEMPLATES", folder.resolve("templates").toString());
    variables.put("CARAVAN_PROVIDER", "openai");
    variables.put("OPENAI_API_KEY", "not-a-key");
    variables.put("OPENAI_BASE_URL", provider.url());
    variables.put("CARAVAN_PROVIDERS_OPENAI_MAXREQUESTS", "4");
    variables.put("CARAVAN_UPSTREAM_URL", upstream.url());
    variables.put("CARAVAN_UPSTREAM_MAXCONCURRENCY", "1");
    variables.put("CARAVAN_OPERATOR_TOKEN", Api.TOKEN);
    variables.put("CARAVAN_SERVER_MAXCONCURRENTBATCHES", "3");
    variables.put("CARAVAN_MAXCOST_FILE", "1");
    variables.put("CARAVAN_WORKERS", "20");
    variables.put("CARAVAN_POLL_INITIAL", "200ms");
    variables.put("CARAVAN_POLL_MAX", "200ms");
    variables.put("CARAVAN_RETRY_INITIAL", "1h");
    variables.put("CARAVAN_RETRY_MAX", "1h");
    variables.put("CARAVAN_RETRY_PARKAFTER", "1");
    variables.put("CARAVAN_INTAKE_QUIET", "1ms");
    if (!database.isEmpty()) {
      variables.put("CARAVAN_DATABASE_URL", database);
    }
    return variables;
  }

  /** Drops a complete file. */
  void drop(String inbox, String name, String... lines) throws IOException {
    Path unfinished = Files.writeString(folder.resolve(name), TestCaravan.text(lines));
    Files.move(unfinished, folder.resolve(inbox).resolve(name));
  }

  /** Stores a fact that the data does not contain. */
  void note(String name, String value) {
    try {
      Files.writeString(
          folder.resolve("made.properties"),
          name + "=" + value + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The stored facts of a folder. */
  static Properties notes(Path folder) throws IOException {
    var notes = new Properties();
    try (var in = Files.newInputStream(folder.resolve("made.properties"))) {
      notes.load(in);
    }
    return notes;
  }
}
