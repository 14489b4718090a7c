package io.caravan.job;

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

  /** The database file of SQLite. */
  public Optional<Path> file() {
    return Database.of(url) == Database.SQLITE
        ? Optional.of(Path.of(url.substring("jdbc:sqlite:".length()).split("\\?", 2)[0]))
        : Optional.empty();
  }

  /** The URL without parameters, since they may contain a password. */
  @Override
  public String toString() {
    return url.replaceFirst("[?].*", "");
  }
}
