package io.caravan.jsonl.split;

import io.caravan.jsonl.HeapRoom;
import java.io.IOException;
import java.nio.file.Path;

/** Validates a file of requests in one pass and reports all of its problems. */
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
   * Validates a plain JSONL file. A file that is too large is not read to its end, if at all: its
   * summary has no requests, whatever the sink has received.
   */
  public Summary validate(Path file, RequestSink sink) throws IOException {
    try (Validation validation = new Validation(file, rules, hash, room, sink)) {
      return validation.run();
    }
  }
}
