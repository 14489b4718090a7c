package io.caravan.server.store;

import io.caravan.server.wire.ApiException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/** A validated request to upload a file. */
public record FileForm(
    MultipartFile part, String filename, String purpose, Optional<Duration> expiry) {
  public static final String BATCH = "batch";
  private static final Set<String> PURPOSES =
      Set.of("assistants", BATCH, "fine-tune", "vision", "user_data", "evals");
  private static final int MAX_NAME = 255;

  public static FileForm of(MultipartHttpServletRequest request) {
    MultipartFile part = request.getFile("file");
    if (part == null) {
      throw ApiException.missing("file");
    }
    String purpose = purpose(request.getParameter("purpose"));
    String filename = filename(part.getOriginalFilename());
    check(filename, purpose, part.getSize(), "file");
    return new FileForm(part, filename, purpose, expiry(request));
  }

  static void check(String filename, String purpose, long bytes, String param) {
    if (purpose.equals(BATCH) && !filename.endsWith(".jsonl")) {
      throw ApiException.invalid("Invalid file format for Batch API. Must be .jsonl", null, null);
    }
    if (bytes < 1) {
      throw ApiException.invalid(
          "The file is empty. Put one JSON object on each line.", param, null);
    }
  }

  static String purpose(@Nullable String purpose) {
    if (purpose == null) {
      throw ApiException.missing("purpose");
    }
    if (!PURPOSES.contains(purpose)) {
      throw ApiException.invalid(
          "'%s' is not one of %s - 'purpose'"
              .formatted(purpose, PURPOSES.stream().sorted().toList()),
          "purpose",
          "invalid_value");
    }
    return purpose;
  }

  /** Keeps only the last path segment, so that saving under this name stays in its folder. */
  static String filename(@Nullable String given) {
    String name = Optional.ofNullable(given).orElse("");
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    return last.length() <= MAX_NAME ? last : last.substring(last.length() - MAX_NAME);
  }

  private static Optional<Duration> expiry(MultipartHttpServletRequest request) {
    return Expiry.parse(
        "expires_after",
        either(request, "expires_after[anchor]", "expires_after.anchor"),
        either(request, "expires_after[seconds]", "expires_after.seconds"));
  }

  private static @Nullable String either(
      MultipartHttpServletRequest request, String name, String other) {
    String value = request.getParameter(name);
    return StringUtils.hasText(value) ? value : request.getParameter(other);
  }
}
