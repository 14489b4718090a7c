package io.caravan.flow;

import java.io.IOException;

/**
 * Thrown when another replica or installation is reading or has just taken a file; not worth a log
 * line.
 */
public final class AnotherReadsException extends IOException {
  public AnotherReadsException(String name) {
    super(name + " is being read by another Caravan");
  }
}
