package io.caravan.call;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tables of temporary failures, which a retry may resolve. All have 408 (time-out), 429 (too many
 * requests) and server errors, except 501 and 505: what is not supported now is not later.
 */
public final class TemporaryFailures {
  /** Groq's status for a tier without free capacity. */
  public static final int NO_CAPACITY = 498;

  private static final String NO_WORDS = "(?!)"; // matches nothing
  private static final Pattern STATUS = Pattern.compile("[1-5]\\d\\d");

  /**
   * A call to a batch API. 409: files and batches change state on their own, and a conflict with an
   * earlier call passes. 425: a gateway may ask for the call again. All of OpenAI's codes for lack
   * of credit count, because such a call pauses its provider.
   */
  public static final TemporaryFailures BATCH_CALL =
      new TemporaryFailures(
          Set.of(408, 409, 425, 429),
          Set.of("insufficient_quota", "billing_hard_limit_reached", "billing_not_active"),
          NO_WORDS);

  /**
   * The answer to a request in a batch's file. Not 409: no other call can conflict with a request,
   * so its body is at fault. Not even 429 is checked for lack of credit, because the next batch
   * would be refused for it. Words count as well, because many providers write a code without a
   * status, and a request ends with its batch.
   */
  public static final TemporaryFailures BATCH_LINE =
      new TemporaryFailures(
          Set.of(408, 425, 429),
          Set.of(),
          "batch_expired|batch_cancelled"
              + "|rate_?limit.*|overloaded.*|(internal_)?server_error|.*time_?out(_error)?"
              + "|.*timed_out|.*unavailable");

  /**
   * A call with a single request. 409: OpenAI's clients retry it as a lock that was not free in
   * time. Not 425: no request is sent as TLS early data. Only the code for lack of credit that
   * OpenAI sends with 429 counts, because the others come with a status that is not retried.
   */
  public static final TemporaryFailures SINGLE_REQUEST =
      new TemporaryFailures(Set.of(408, 409, 429), Set.of("insufficient_quota"), NO_WORDS);

  /**
   * A call with a single request to a provider whose batch came too late. 409: OpenAI's clients
   * retry it. 425: a gateway may ask for the call again. 498: the tier has no free capacity, and
   * the call was not charged. All codes for lack of credit count, because the other requests would
   * be refused, too.
   */
  public static final TemporaryFailures SYNCHRONOUS_CALL =
      new TemporaryFailures(
          Set.of(408, 409, 425, 429, NO_CAPACITY),
          Set.of("insufficient_quota", "billing_hard_limit_reached", "billing_not_active"),
          NO_WORDS);

  private final Set<Integer> clientErrors;
  private final Set<String> noCredit;
  private final Pattern codes;

  private TemporaryFailures(Set<Integer> clientErrors, Set<String> noCredit, String codes) {
    this.clientErrors = clientErrors;
    this.noCredit = noCredit;
    this.codes = Pattern.compile(codes);
  }

  /** Whether a failure with this HTTP status is temporary, unless credit is lacking. */
  public boolean include(int status) {
    return clientErrors.contains(status) || (status >= 500 && status != 501 && status != 505);
  }

  /** Whether a failure with this error code, type or status in words is temporary. */
  public boolean include(String code) {
    return STATUS.matcher(code).matches()
        ? include(Integer.parseInt(code))
        : codes.matcher(code).matches();
  }

  /** Whether an error code means lack of credit, which no retry resolves. */
  public boolean isNoCredit(String code) {
    return noCredit.contains(code);
  }
}
