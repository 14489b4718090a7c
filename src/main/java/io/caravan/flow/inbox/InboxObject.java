package io.caravan.flow.inbox;

import io.caravan.flow.S3Inbox;
import io.caravan.s3.FoundObject;

/** An S3 object in an inbox. */
record InboxObject(S3Inbox inbox, String pipeline, FoundObject object) {
  /** The name relative to the inbox. */
  String name() {
    return inbox.nameOf(object);
  }

  /** Identifies this version of the object; a new upload under the same key has another. */
  String arrival() {
    return object.version();
  }
}
