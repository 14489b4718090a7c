package io.caravan.flow.synchronous;

import io.caravan.call.AnswerReader;
import io.caravan.call.UpstreamReply;
import java.io.IOException;

/** The outcome of one attempt. */
sealed interface Heard {
  /** An answer, good or not. */
  record Reply(UpstreamReply reply, AnswerFacts facts) implements Heard {}

  /** No answer. */
  record Nothing(IOException problem) implements Heard {}

  /** Reads them. */
  final class Reader implements AnswerReader<Heard> {
    @Override
    public Heard read(UpstreamReply reply) {
      return new Reply(reply, AnswerFacts.read(reply.text()));
    }

    @Override
    public long outputTokens(Heard heard) {
      return heard instanceof Reply reply ? reply.facts().output() : 0;
    }

    @Override
    public Heard noReply(IOException problem, int attempts) {
      return new Nothing(problem);
    }
  }
}
