package io.caravan.store;

import io.caravan.job.CannotStartException;
import io.caravan.lease.Database;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * The settings of the database.
 *
 * @param url a JDBC URL, {@code jdbc:sqlite:…} or {@code jdbc:postgresql:…}
 * @param username for PostgreSQL, unless the URL contains it
 * @param password for PostgreSQL, from the environment or a mounted file
 * @param lease how long a replica keeps its rows without renewing its lease
 */
@Validated
@ConfigurationProperties(prefix = "caravan.database", ignoreUnknownFields = false)
public record StoreProperties(
    @NotBlank String url,
    @NotNull String username,
    @NotNull String password,
    @NotNull @DurationMin(seconds = 1) Duration lease) {

  /**
   * The kind of database.
   *
   * @throws CannotStartException when the URL names neither
   */
  public Database database() {
    return Database.of(url)
        .orElseThrow(() ->
            new CannotStartException(
                "The database cannot be used: CARAVAN_DATABASE_URL has to begin with jdbc:sqlite: or"
                    + " jdbc:postgresql:.",
                "Set it to a URL such as jdbc:sqlite:data/caravan.db or"
                    + " jdbc:postgresql://HOST:5432/DATABASE?user=NAME."));
  }

  /** The database file of SQLite. */
  public Optional<Path> file() {
    return database() == Database.SQLITE
        ? Optional.of(Path.of(url.substring("jdbc:sqlite:".length()).split("\\?", 2)[0]))
        : Optional.empty();
  }

  /** The URL without parameters, since they may contain a password. */
  @Override
  public String toString() {
    return url.replaceFirst("[?].*", "");
  }
}
