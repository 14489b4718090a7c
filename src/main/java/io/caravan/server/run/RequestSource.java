package io.caravan.server.run;

import io.caravan.server.backend.Backend;

/** A source of requests for backend queues: a running batch. */
interface RequestSource {

  /** The number of requests it starts for each one of a source of weight 1. */
  int weight();

  /** Begins the next request, as {@link PendingCall#begin} does. */
  boolean beginNext(Backend backend, Runnable end);
}
