package io.caravan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Semaphore;

/** Something that answers requests. */
interface Backend {

  /** Never throws for what a request or a server does wrong: that is an answer too. */
  Answer answer(Endpoint endpoint, ObjectNode body) throws InterruptedException;

  /** How many requests it takes at once; fair, so that no batch starves another. */
  Semaphore lane();
}
