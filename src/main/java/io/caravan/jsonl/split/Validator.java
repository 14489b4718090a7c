package io.caravan.jsonl.split;

import io.caravan.jsonl.HeapRoom;
import java.io.IOException;
import java.nio.file.Path;

/** Checks a file of requests in one pass and tells all of its problems. */
public final class Validator {
  private final ValidationRules rules;
  private final CustomIdIndex.Hash hash;
  private final HeapRoom room;

  public Validator(ValidationRules rules) {
    this(rules, KeyedHash.random(), HeapRoom.ofThisProcess());
  }

  Validator(ValidationRules rules, CustomIdIndex.Hash hash, HeapRoom room) {
    this.rules = rules;
    this.hash = hash;
    this.room = room;
  }

  /**
   * Validates a plain JSONL file. One that is too large is not read, or not to its end: the summary
   * then has no requests, whatever the sink has heard.
   */
  public Summary validate(Path file, RequestSink sink) throws IOException {
    try (Validation validation = new Validation(file, rules, hash, room, sink)) {
      return validation.run();
    }
  }
}
