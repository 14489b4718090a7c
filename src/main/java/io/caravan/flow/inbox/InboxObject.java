package io.caravan.flow.inbox;

import io.caravan.flow.S3Inbox;
import io.caravan.s3.FoundObject;

/** An object as it lies in an inbox. */
public record InboxObject(S3Inbox inbox, String pipeline, FoundObject object) {
  /** Relative to the inbox. */
  String name() {
    return inbox.nameOf(object);
  }

  /** The same when this very object is read again, other when its like is put anew. */
  String arrival() {
    return object.version();
  }
}
