package io.caravan.job;

import java.util.Locale;
import java.util.Set;

/**
 * Where a part stands; a status ending in -ing is an intent, stored before the call it announces.
 */
public enum PartStatus {
  /** The part's file is in the workspace. */
  PLANNED("submit"),
  /**
   * An upload is about to be sent; found again after a crash, the provider is asked for the file
   * first.
   */
  UPLOADING("submit"),
  /** The provider has the file. */
  UPLOADED("submit"),
  /**
   * A batch is about to be created; found again after a crash, the provider's list is read first.
   */
  CREATING("submit"),
  /** The provider has the batch. */
  SUBMITTED("watch"),
  /** The provider is done with the batch, one way or another. */
  ENDED("retrieve"),
  /** Whatever the provider answered is in the workspace. */
  RETRIEVED("settle"),
  /** The part was not taken: by the provider, or since its job is to end. */
  REFUSED("settle"),
  /** Every request has its answer, or its reason for having none, or is in a further part. */
  SETTLED(""),
  /** Too large for the provider's queue: its requests are in smaller parts. */
  DIVIDED("");

  private final String verb;

  PartStatus(String verb) {
    this.verb = verb;
  }

  /** What a part in this status waits for; empty at the end. */
  public String verb() {
    return verb;
  }

  /** Whether a part may go from here to {@code next}. */
  public boolean canBecome(PartStatus next) {
    return nexts().contains(next);
  }

  /** Nothing more will happen to this part. */
  public boolean terminal() {
    return nexts().isEmpty();
  }

  /** The word for logs, metrics and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private Set<PartStatus> nexts() {
    return switch (this) {
      case PLANNED -> Set.of(UPLOADING, REFUSED, DIVIDED);
      case UPLOADING -> Set.of(PLANNED, UPLOADED, REFUSED); // planned again: the file is not there
      case UPLOADED -> Set.of(CREATING, REFUSED, DIVIDED);
      case CREATING -> // planned or uploaded again: the batch is not there
          Set.of(PLANNED, UPLOADED, SUBMITTED, REFUSED);
      case SUBMITTED -> Set.of(ENDED, UPLOADED); // uploaded again: its queue had no room
      case ENDED -> Set.of(RETRIEVED);
      case RETRIEVED -> Set.of(SETTLED, SUBMITTED); // watched again: answers are missing
      case REFUSED -> Set.of(SETTLED);
      case SETTLED, DIVIDED -> Set.of();
    };
  }
}
