package io.caravan.call;

import java.io.IOException;

/** Turns the outcome of a call into the caller's answer. */
public interface AnswerReader<A> {
  /** Reads the last reply, successful or not. */
  A read(UpstreamReply reply);

  /** The output tokens of an answer; 0 if it does not report them. */
  long outputTokens(A answer);

  /**
   * Describes why there was no reply.
   *
   * @param problem an {@link AnswerTooLargeException}, a {@link java.net.SocketTimeoutException},
   *     or a failure of the connection
   * @param attempts how many failed
   */
  A noReply(IOException problem, int attempts);
}
