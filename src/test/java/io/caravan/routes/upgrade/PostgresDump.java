package io.caravan.routes.upgrade;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Dumps PostgreSQL tables as SQL by JDBC, since the embedded PostgreSQL has no pg_dump. */
final class PostgresDump {
  private static final String HISTORY =
      """
      CREATE TABLE flyway_schema_history (
        installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50), description VARCHAR(200) NOT NULL,
        type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INT, installed_by VARCHAR(100) NOT NULL,
        installed_on TIMESTAMP NOT NULL DEFAULT now(), execution_time INT NOT NULL, success BOOL NOT NULL);
      """;

  private PostgresDump() {}

  /** Writes the migrations, then the rows of all tables. */
  static void write(String url, Path file) throws IOException {
    var source = new DriverManagerDataSource(url);
    var sql = new StringBuilder();
    for (MigrationInfo applied : Flyway.configure().dataSource(source).load().info().applied()) {
      sql.append(migration(applied.getScript())).append('\n');
    }
    sql.append(HISTORY);
    var jdbc = new JdbcTemplate(source);
    for (String table : tables(jdbc)) {
      rows(jdbc, table).forEach(row -> sql.append(row).append('\n'));
    }
    Files.writeString(file, sql);
  }

  private static String migration(String script) throws IOException {
    try (InputStream in =
        new DefaultResourceLoader()
            .getResource("classpath:db/migration/" + script)
            .getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Oldest tables first, since later ones refer to them. */
  private static List<String> tables(JdbcTemplate jdbc) {
    return jdbc.queryForList(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY oid",
        String.class);
  }

  private static List<String> rows(JdbcTemplate jdbc, String table) {
    List<String> columns =
        jdbc.queryForList(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                + " AND table_name = ? ORDER BY ordinal_position",
            String.class,
            table);
    var values = new ArrayList<String>();
    columns.forEach(column -> values.add("quote_nullable(%s::text)".formatted(column)));
    List<String> rows =
        jdbc.queryForList(
            "SELECT 'INSERT INTO %s (%s) VALUES (' || concat_ws(', ', %s) || ');' FROM %1$s"
                .formatted(table, String.join(", ", columns), String.join(", ", values)),
            String.class);
    rows.sort(Comparator.naturalOrder());
    return rows;
  }

  /** Replaces all tables of a database by the dump. */
  static void restore(Path file, String url) throws IOException {
    var jdbc = new JdbcTemplate(new DriverManagerDataSource(url));
    jdbc.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    jdbc.execute(Files.readString(file));
  }
}
