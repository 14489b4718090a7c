package io.caravan.server;

/** What a lane takes requests from: a running batch. */
interface Feed {

  /** How many turns it gets for one turn of a feed of weight 1. */
  int weight();

  /** Runs what is next, on the calling thread; false when there is nothing left to begin. */
  boolean runNext(Backend backend);
}
