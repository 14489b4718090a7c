package io.caravan.job.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps untaken files in a database table, so that other processes can read them. */
public final class JdbcUntakenFiles implements UntakenFiles {
  private static final String REMOTE = "s3://";

  /** Replaces bytes of a file name that cannot be decoded. */
  private static final char UNREADABLE = '\ufffd';

  private final JdbcClient jdbc;

  public JdbcUntakenFiles(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  @Override
  public void note(Untaken untaken) {
    jdbc.sql(
            "INSERT INTO untaken (source, reason, since) VALUES (:source, :reason, :since)"
                + " ON CONFLICT (source) DO UPDATE SET reason = excluded.reason")
        .param("source", untaken.source())
        .param("reason", untaken.reason())
        .param("since", untaken.since().toEpochMilli())
        .update();
  }

  @Override
  public void forget(String source) {
    jdbc.sql("DELETE FROM untaken WHERE source = :source").param("source", source).update();
  }

  @Override
  public void forgetAll() {
    jdbc.sql("DELETE FROM untaken").update();
  }

  @Override
  public List<Untaken> oldest(int limit) {
    try (Stream<Untaken> all =
        jdbc
            .sql("SELECT source, reason, since FROM untaken ORDER BY since, source")
            .query((row, number) ->
                new Untaken(
                    row.getString("source"),
                    row.getString("reason"),
                    Instant.ofEpochMilli(row.getLong("since"))))
            .stream()) { // an open stream holds a connection
      return all.filter(it -> !isGone(it.source())).limit(limit).toList();
    }
  }

  /** Whether a file is there whose name cannot be decoded, so that only a list shows it. */
  private static boolean isListed(Path path, Path folder) throws IOException {
    String name = path.toString();
    if (name.indexOf(UNREADABLE) < 0) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.toString().equals(name));
    }
  }

  /** Whether a file was renamed or deleted; false if its folder is not on this machine. */
  private static boolean isGone(String source) {
    if (source.startsWith(REMOTE)) {
      return false;
    }
    try {
      Path path = Path.of(source).toAbsolutePath();
      Path folder = path.getParent();
      return folder != null
          && Files.isDirectory(folder)
          && Files.notExists(path, LinkOption.NOFOLLOW_LINKS)
          && !isListed(path, folder);
    } catch (InvalidPathException | IOException e) {
      return false;
    }
  }
}
