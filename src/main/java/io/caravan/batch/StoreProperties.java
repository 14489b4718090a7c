package io.caravan.batch;

import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * Where rows are kept.
 *
 * @param url a JDBC URL, {@code jdbc:sqlite:…}
 */
@Validated
@ConfigurationProperties(prefix = "caravan.database", ignoreUnknownFields = false)
record StoreProperties(@NotBlank String url) {}
