package io.caravan.jsonl.settle;

/**
 * The numbers of answers found in the files of an ended batch; each request counts once.
 *
 * @param results successful requests
 * @param errors requests with a final or temporary error
 * @param unreadable requests whose answer has their custom_id but is not JSON
 * @param strays lines that belong to no request of the batch
 * @param cutOff whether a file ends in the middle of a line
 */
public record FoundAnswers(
    long results, long errors, long unreadable, long strays, boolean cutOff) {

  /**
   * Whether fewer answers were found than the provider counts, which were paid for. Some providers
   * count failed requests as completed.
   */
  public boolean fallsShortOf(long completed, long failed) {
    return results + unreadable < completed && all() < completed + failed;
  }

  /**
   * Whether another download may find more answers: not if unreadable lines account for the missing
   * ones.
   */
  public boolean mayGrowTo(long completed, long failed) {
    return fallsShortOf(completed, failed)
        && (results + errors == 0
            || cutOff
            || (results + unreadable + strays < completed && all() + strays < completed + failed));
  }

  /** Number of requests with an answer of any kind. */
  public long all() {
    return results + errors + unreadable;
  }
}
