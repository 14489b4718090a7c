package io.caravan.server.run;

import io.caravan.server.backend.Backend;

/** What a lane takes requests from: a running batch. */
interface RequestSource {

  /** How many turns it gets for one turn of a feed of weight 1. */
  int weight();

  /** Begins what is next, as {@link PendingCall#begin} does. */
  boolean beginNext(Backend backend, Runnable end);
}
