package io.caravan.jsonl;

import java.io.IOException;
import java.nio.file.Path;

/** Checks a file of requests in one pass and tells all of its problems. */
public final class Validator {
  private final ValidationRules rules;
  private final CustomIdIndex.Hash hash;

  public Validator(ValidationRules rules) {
    this(rules, KeyedHash.random());
  }

  Validator(ValidationRules rules, CustomIdIndex.Hash hash) {
    this.rules = rules;
    this.hash = hash;
  }

  /**
   * Validates a plain JSONL file; one that is too large is not read, and the sink hears nothing.
   */
  public Summary validate(Path file, RequestSink sink) throws IOException {
    try (Validation validation = new Validation(file, rules, hash, sink)) {
      return validation.run();
    }
  }
}
