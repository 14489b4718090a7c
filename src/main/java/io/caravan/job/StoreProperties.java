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
 * Where rows are kept.
 *
 * @param url a JDBC URL, {@code jdbc:sqlite:…} or {@code jdbc:postgresql:…}
 * @param username for PostgreSQL, unless the URL says it
 * @param password for PostgreSQL, from the environment or a mounted file
 * @param lease how long a replica that says nothing keeps what it holds
 */
@Validated
@ConfigurationProperties(prefix = "caravan.database", ignoreUnknownFields = false)
public record StoreProperties(
    @NotBlank String url,
    @NotNull String username,
    @NotNull String password,
    @NotNull @DurationMin(seconds = 1) Duration lease) {

  /** The file of the database, when it is one. */
  public Optional<Path> file() {
    return Database.of(url) == Database.SQLITE
        ? Optional.of(Path.of(url.substring("jdbc:sqlite:".length()).split("\\?", 2)[0]))
        : Optional.empty();
  }

  /** Never shows the password, nor one in the URL. */
  @Override
  public String toString() {
    return url.replaceFirst("[?].*", "");
  }
}
