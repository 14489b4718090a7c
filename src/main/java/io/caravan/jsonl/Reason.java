package io.caravan.jsonl;

/**
 * Why a request has no answer.
 *
 * @param message what happened and what to do, without file name and line number
 */
public record Reason(String code, String message) {
  /** For an answer that cannot be parsed; its bytes are kept beside the error. */
  public static final Reason UNREADABLE =
      new Reason(
          "unreadable_answer",
          "the provider's answer is no JSON. It was paid for, and stands here as \"answer\".");

  /** For a request that no output or error file names, though its batch ended. */
  public static final Reason NOT_ANSWERED =
      new Reason("not_answered", "the provider gave no answer. Send the request again.");
}
