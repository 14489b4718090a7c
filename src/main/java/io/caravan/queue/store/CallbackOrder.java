package io.caravan.queue.store;

import io.caravan.queue.CallbackEndpoint;

/** A request that has ended and has a callback URL. */
record CallbackOrder(String requestId, CallbackEndpoint endpoint) {
  private static final String PREFIX = "msg_";

  /** The id of the callback, of which a request has only one. */
  String id() {
    return PREFIX + requestId.substring(requestId.indexOf('_') + 1);
  }
}
