package io.caravan.flow;

/** The headers by which routes and Caravan speak with each other. */
public final class CaravanHeaders {
  /** What outbound routes find in the message besides the body: the job's id. */
  public static final String JOB = "CaravanJob";

  /** The name that the output should have, such as {@code x.results.jsonl}. */
  public static final String FILE_NAME = "CaravanFileName";

  /** How many bytes the output has. */
  public static final String LENGTH = "CaravanLength";

  /** {@code results}, {@code errors} or {@code report}. */
  public static final String KIND = "CaravanKind";

  private CaravanHeaders() {}
}
