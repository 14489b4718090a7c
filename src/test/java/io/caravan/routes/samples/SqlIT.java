package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.job.PostgresServer;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.fake.CountingProvider;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Tests {@code samples/pipelines/sql} with PostgreSQL, and kills in between. */
@Tag("thorough")
class SqlIT {
  private static final int ROWS = 200;

  @Test
  void answersEveryRowOnceAfterKills(@TempDir Path folder) throws Exception {
    try (PostgresServer database = PostgresServer.start();
        var provider = new CountingProvider().withBatchesOf(Duration.ofMillis(300))) {
      JdbcClient jdbc =
          JdbcClient.create(new DriverManagerDataSource(database.url(), "postgres", ""));
      jdbc.sql(
              "CREATE TABLE question (id bigserial PRIMARY KEY, prompt text NOT NULL, claim text, job text, answer text, failure text)")
          .update();
      SampleFolder sample =
          SampleFolder.of("sql", "sql", folder, provider)
              .with("QUESTIONS_URL", database.url())
              .with("QUESTIONS_USER", "postgres");

      ask(jdbc, ROWS);
      sample.killOnce(() -> count(jdbc, "claim IS NOT NULL") > 0);
      ask(jdbc, ROWS);
      sample.killOnce(() -> count(jdbc, "job IS NOT NULL") > 0);
      ask(jdbc, ROWS);
      sample.killOnce(() -> count(jdbc, "answer IS NOT NULL") > ROWS / 2);
      try (CaravanProcess last = sample.start()) {
        await("all answers")
            .atMost(Duration.ofMinutes(6))
            .until(() -> !last.isAlive() || count(jdbc, "answer IS NULL") == 0);
        assertThat(last.isAlive()).as(last.output()).isTrue();
      }

      assertThat(count(jdbc, "answer = 'Yes.' AND job IS NOT NULL AND failure IS NULL"))
          .isEqualTo(3 * ROWS);
      assertThat(provider.account().paid())
          .hasSize(3 * ROWS)
          .allSatisfy((id, times) -> assertThat(times).as(id).isEqualTo(1));
    }
  }

  @Test
  void reportsAnEndpointWithoutADataSource(@TempDir Path folder) throws Exception {
    try (var provider = new CountingProvider()) {
      SampleFolder sample = SampleFolder.of("sql", "sql", folder, provider);
      sample.edit(text ->
          text.replaceAll(" +dataSource: \"#questions\"\n", "")
              .replaceFirst("(?s)    - name: questions.*?(- route:)", "$1"));

      try (CaravanProcess caravan = sample.start()) {
        await()
            .atMost(Duration.ofMinutes(6))
            .until(() -> caravan.output().contains("Property 'dataSource' is required"));
      }
    }
  }

  private static void ask(JdbcClient jdbc, int rows) {
    jdbc.sql(
            "INSERT INTO question (prompt) SELECT 'Is ' || n || ' even?' FROM generate_series(1, ?) n")
        .param(rows)
        .update();
  }

  private static int count(JdbcClient jdbc, String condition) {
    return jdbc.sql("SELECT count(*) FROM question WHERE " + condition)
        .query(Integer.class)
        .single();
  }
}
