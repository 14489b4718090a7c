package io.caravan.call;

import java.io.IOException;

/** An upstream's answer exceeds the limit for answers held in memory; a retry will not help. */
@SuppressWarnings("serial")
public final class AnswerTooLargeException extends IOException {
  AnswerTooLargeException(Throwable cause) {
    super("the answer is larger than 64 MB", cause);
  }
}
