package io.caravan.server;

/** Something that answers requests. */
interface Backend {

  /** How logs and metrics call it. */
  String name();

  /** How many requests it takes at once, at this moment; none while it asks for a pause. */
  int concurrency();

  /** How many embeddings requests may be joined into one. */
  int mostJoined();

  /** What was joined was refused, and each by itself was not. */
  void joinNoMore();

  /** Never throws for what a request or a server does wrong: that is an answer too. */
  Answer answer(Endpoint endpoint, JsonBytes body, Call call) throws InterruptedException;
}
