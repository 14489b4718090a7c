package io.caravan.routes.upgrade;

import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Api;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.TestTime;
import io.caravan.routes.fake.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The data of an earlier release, moved to a new folder.
 *
 * @param database the URL of PostgreSQL; empty for SQLite
 */
record UpgradeFolder(Path folder, String database, Properties notes) {
  private static final String DUMP = "postgresql.sql";

  /**
   * Unpacks the data.
   *
   * @param postgres a database to overwrite, if one is needed
   */
  static UpgradeFolder unpack(Path zip, Path folder, String postgres) throws IOException {
    try (var in = new ZipInputStream(Files.newInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        copy(in, folder.resolve(entry.getName()));
      }
    }
    Path dump = folder.resolve(DUMP);
    if (Files.exists(dump)) {
      PostgresDump.restore(dump, postgres);
    }
    TestCaravan.copyRoutes(folder.resolve("routes"));
    return new UpgradeFolder(folder, Files.exists(dump) ? postgres : "", UpgradeSite.notes(folder))
        .moved();
  }

  private static void copy(InputStream in, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.copy(in, file);
  }

  /** Changes the paths in its rows to this folder. */
  private UpgradeFolder moved() throws IOException {
    JdbcTemplate jdbc = jdbc();
    String old = notes.getProperty("folder");
    jdbc.update("UPDATE delivery SET path = replace(path, ?, ?)", old, folder.toString());
    jdbc.update("UPDATE job SET source = replace(source, ?, ?)", old, folder.toString());
    Path inboxed = folder.resolve("inbox/inboxed.jsonl");
    jdbc.update("UPDATE job SET arrival = ? WHERE name = 'inboxed.jsonl'", arrival(inboxed));
    return this;
  }

  /** The identity of an unmoved file in an inbox, since 0.1.0. */
  private static String arrival(Path file) throws IOException {
    var attributes = Files.readAttributes(file, BasicFileAttributes.class);
    FileTime moved = (FileTime) Files.getAttribute(file, "unix:ctime");
    return "%s %s %d %d".formatted(file, attributes.fileKey(), moved.toMillis(), attributes.size());
  }

  JdbcTemplate jdbc() {
    return new JdbcTemplate(
        new DriverManagerDataSource(
            database.isEmpty() ? "jdbc:sqlite:" + folder.resolve("data/caravan.db") : database));
  }

  /** A clock that is one minute after the end of the data. */
  TestTime time() {
    var time = new TestTime();
    Instant then = Instant.parse(notes.getProperty("at")).plus(Duration.ofMinutes(1));
    time.shift(Duration.between(Instant.now(), then));
    return time;
  }

  /** Restores the provider's account. */
  void restore(CountingProvider provider) throws IOException {
    provider.account().restore(Outcome.parse(Files.readString(folder.resolve("provider.json"))));
  }

  /** The current application on this data. */
  TestCaravan caravan(CountingProvider provider, Upstream upstream) throws IOException {
    TestCaravan caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", folder.resolve("routes"))
            .with("caravan.provider", "openai")
            .with("caravan.providers.openai.base-url", provider.url())
            .with("caravan.providers.openai.api-key", "not-a-key")
            .with("caravan.providers.deepinfra.base-url", provider.url())
            .with("caravan.providers.deepinfra.api-key", "not-a-key")
            .with("caravan.upstream.url", upstream.url())
            .with("caravan.operator.token", Api.TOKEN);
    return database.isEmpty() ? caravan : caravan.with("caravan.database.url", database);
  }
}
