package io.caravan.job;

import java.util.Locale;
import java.util.Set;

/** The status of a part; a status ending in -ing is an intent, stored before the remote call. */
public enum PartStatus {
  /** The part's file is in the workspace. */
  PLANNED("submit"),
  /** An upload is about to be sent; after a crash, the provider is searched for the file first. */
  UPLOADING("submit"),
  /** The provider has the file. */
  UPLOADED("submit"),
  /** A batch is about to be created; after a crash, the provider's list is searched first. */
  CREATING("submit"),
  /**
   * Its requests are being sent one by one; after a crash, those without an answer are sent again.
   */
  CALLING("call"),
  /** The provider has the batch. */
  SUBMITTED("watch"),
  /** The batch has a terminal status at the provider. */
  ENDED("retrieve"),
  /** The provider's output and error files are in the workspace. */
  RETRIEVED("settle"),
  /** The provider refused the part, or its job is being cancelled. */
  REFUSED("settle"),
  /** Every request has an answer or an error, or is in a further part. */
  SETTLED(""),
  /** Too large for the provider's queue: its requests are in smaller parts. */
  DIVIDED("");

  private final String verb;

  PartStatus(String verb) {
    this.verb = verb;
  }

  /** The next step of a part in this status; empty if there is none. */
  public String verb() {
    return verb;
  }

  /** Whether a part in this status may change to {@code next}. */
  public boolean canBecome(PartStatus next) {
    return nexts().contains(next);
  }

  /** Whether the status is final. */
  public boolean terminal() {
    return nexts().isEmpty();
  }

  /** The status as written in logs, metrics and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private Set<PartStatus> nexts() {
    return switch (this) {
      case PLANNED -> Set.of(UPLOADING, CALLING, REFUSED, DIVIDED);
      case UPLOADING -> Set.of(PLANNED, UPLOADED, REFUSED); // planned again: the file is not there
      case UPLOADED -> Set.of(CREATING, CALLING, REFUSED, DIVIDED);
      case CALLING -> Set.of(RETRIEVED, REFUSED);
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
