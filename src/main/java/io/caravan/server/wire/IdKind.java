package io.caravan.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** The kinds of ids; an id is the prefix of its kind and 32 opaque hexadecimal digits. */
public enum IdKind {
  FILE("file-"),
  UPLOAD("upload_"),
  PART("part_"),
  BATCH("batch_"),
  LINE("batch_req_"),
  REQUEST("req_");

  private final String prefix;
  private final Pattern pattern;

  IdKind(String prefix) {
    this.prefix = prefix;
    this.pattern = Pattern.compile(prefix + "[0-9a-f]{32}");
  }

  public String next() {
    return of(UUID.randomUUID());
  }

  /** A cheap but guessable id, for objects that are numerous and never looked up by id. */
  public String nextOfMany() {
    var random = ThreadLocalRandom.current();
    return of(new UUID(random.nextLong(), random.nextLong()));
  }

  /** The same id for the same seed, so that a step repeated after a crash finds its file. */
  public String derivedFrom(String seed) {
    return of(UUID.nameUUIDFromBytes(seed.getBytes(UTF_8)));
  }

  /** Whether the text is a valid id of this kind; only valid ids may be used in file paths. */
  public boolean matches(String id) {
    return pattern.matcher(id).matches();
  }

  private String of(UUID uuid) {
    return prefix + uuid.toString().replace("-", "");
  }
}
