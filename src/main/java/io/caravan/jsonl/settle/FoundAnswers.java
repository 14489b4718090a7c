package io.caravan.jsonl.settle;

/**
 * The answers of an ended batch, as far as they could be read; each request counts once.
 *
 * @param results requests with a success
 * @param errors requests with an error, whether it is final or temporary
 * @param unreadable requests whose answer names them, but is no JSON
 * @param strays lines that name no request of the batch
 * @param cutOff whether a file ends in the middle of a line
 */
public record FoundAnswers(
    long results, long errors, long unreadable, long strays, boolean cutOff) {

  /**
   * Whether answers are missing that the provider counts: they were paid for. Some providers count
   * requests that ended with an error among the completed ones.
   */
  public boolean fallsShortOf(long completed, long failed) {
    return results + unreadable < completed && all() < completed + failed;
  }

  /**
   * Whether another download may bring more: not when lines that nobody can read make up for what
   * is missing.
   */
  public boolean mayGrowTo(long completed, long failed) {
    return fallsShortOf(completed, failed)
        && (results + errors == 0
            || cutOff
            || (results + unreadable + strays < completed && all() + strays < completed + failed));
  }

  /** How many requests have an answer of any kind. */
  public long all() {
    return results + errors + unreadable;
  }
}
