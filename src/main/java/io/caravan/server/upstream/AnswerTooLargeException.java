package io.caravan.server.upstream;

import java.io.IOException;

/** An answer of an upstream that is larger than what is kept in memory; a retry will not help. */
@SuppressWarnings("serial")
final class AnswerTooLargeException extends IOException {
  AnswerTooLargeException(Throwable cause) {
    super("the answer is larger than 64 MB", cause);
  }
}
