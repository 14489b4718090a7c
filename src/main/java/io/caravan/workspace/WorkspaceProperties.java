package io.caravan.workspace;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The settings of the workspace, which stores job files.
 *
 * @param url {@code s3://bucket/prefix}; empty: a folder in the data folder
 * @param reserve how much of each disk is kept free, at most 5 % of a small disk
 * @param keepCopies how long local copies of S3 files are kept after their last use
 */
@Validated
@ConfigurationProperties(prefix = "caravan.workspace", ignoreUnknownFields = false)
public record WorkspaceProperties(
    @NotNull String url,
    @NotNull DataSize reserve,
    @NotNull @DurationMin(seconds = 0) Duration keepCopies) {}
