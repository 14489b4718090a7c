package io.caravan.jsonl;

/**
 * The reason why a request has no answer.
 *
 * @param message what happened and what to do, without file name and line number
 */
public record Reason(String code, String message) {
  /** The answer cannot be parsed; its text is kept next to the error. */
  public static final Reason UNREADABLE =
      new Reason(
          "unreadable_answer",
          "the provider's answer is not JSON. It was paid for and is kept as \"answer\".");

  /** The batch ended, but no output or error file contains the request. */
  public static final Reason NOT_ANSWERED =
      new Reason("not_answered", "the provider gave no answer. Send the request again.");
}
