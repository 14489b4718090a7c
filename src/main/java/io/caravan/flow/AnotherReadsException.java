package io.caravan.flow;

import java.io.IOException;

/**
 * A file of the inbox that another replica or installation is reading or has just taken: nothing to
 * tell.
 */
public final class AnotherReadsException extends IOException {
  public AnotherReadsException(String name) {
    super(name + " is read by another Caravan");
  }
}
