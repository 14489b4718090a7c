package io.caravan.routes.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.job.JobStatus;
import io.caravan.job.PartStatus;
import io.caravan.job.PostgresServer;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.TestTime;
import io.caravan.routes.fake.Upstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

/**
 * Creates the data for {@link UpgradeTest} by real runs of this checkout's build: {@code
 * UpgradeData src/test/resources/upgrade/VERSION}. See {@code
 * src/test/resources/upgrade/README.md}.
 */
final class UpgradeData {
  private static final Path WORK = Path.of("/tmp/caravan-upgrade");
  private static final String HOST = "UPDATE replica SET host = 'a host'";

  private UpgradeData() {}

  public static void main(String[] args) throws Exception {
    Path target = Files.createDirectories(Path.of(args[0]));
    FileSystemUtils.deleteRecursively(WORK);
    withSqlite(WORK.resolve("sqlite"), target.resolve("sqlite.zip"));
    withPostgres(WORK.resolve("postgresql"), target.resolve("postgresql.zip"));
  }

  private static void withSqlite(Path folder, Path target) throws Exception {
    try (var provider = new CountingProvider();
        var upstream = new Upstream()) {
      var site = new UpgradeSite(folder, "", provider, upstream);
      var earlierDays = new UpgradeEarlierDays(site, new TestTime());
      var lastDay = new UpgradeLastDay(earlierDays);
      earlierDays.pass();
      lastDay.pass(lastDay::stayWithFiles);
      String url = "jdbc:sqlite:" + folder.resolve("data/caravan.db");
      closeUp(url);
      check(url);
      pack(site, target);
    }
  }

  /** Puts the data of a killed process into one database file. */
  private static void closeUp(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(HOST);
      statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      statement.execute("PRAGMA journal_mode = DELETE");
      statement.execute("VACUUM");
    }
  }

  /** Holds a lock on the contents of all files, so none is published. */
  private static void withPostgres(Path folder, Path target) throws Exception {
    try (var provider = new CountingProvider();
        var upstream = new Upstream();
        PostgresServer postgres = PostgresServer.start();
        Connection lock = DriverManager.getConnection(postgres.url())) {
      var site = new UpgradeSite(folder, postgres.url(), provider, upstream);
      var earlierDays = new UpgradeEarlierDays(site, new TestTime());
      earlierDays.pass();
      new UpgradeLastDay(earlierDays)
          .pass(() -> {
            lock.setAutoCommit(false);
            execute(lock, "LOCK TABLE server_content IN SHARE MODE");
          });
      try (Connection other = DriverManager.getConnection(postgres.url())) {
        execute(other, HOST);
      }
      check(postgres.url());
      PostgresDump.write(postgres.url(), folder.resolve("postgresql.sql"));
      pack(site, target);
    }
  }

  /** Fails if the data lacks a status. */
  private static void check(String url) {
    var jdbc = new JdbcTemplate(new DriverManagerDataSource(url));
    assertThat(jdbc.queryForList("SELECT DISTINCT status FROM job", String.class))
        .containsExactlyInAnyOrderElementsOf(names(JobStatus.values()));
    assertThat(jdbc.queryForList("SELECT DISTINCT status FROM part", String.class))
        .containsExactlyInAnyOrderElementsOf(names(PartStatus.values()));
  }

  private static List<String> names(Enum<?>[] statuses) {
    return Stream.of(statuses).<String>map(Enum::name).toList();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void pack(UpgradeSite site, Path target) throws IOException {
    site.note("at", Instant.now().toString());
    site.note("folder", site.folder().toString());
    Files.writeString(
        site.folder().resolve("provider.json"), site.provider().account().save().toPrettyString());
    try (var zip = new ZipOutputStream(Files.newOutputStream(target))) {
      for (Path file : kept(site.folder())) {
        zip.putNextEntry(new ZipEntry(site.folder().relativize(file).toString()));
        Files.copy(file, zip);
      }
    }
  }

  /** The files that a user keeps, and those that the test needs. */
  private static List<Path> kept(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file ->
              folder
                  .relativize(file)
                  .toString()
                  .matches(
                      "(data|inbox|inbox-shop|outbox)/.*|.*shop.camel.yaml|[^/]*\\.(json|properties|sql)"))
          .filter(file -> !file.toString().matches(".*(\\.lock|-wal|-shm)"))
          .sorted()
          .toList();
    }
  }
}
