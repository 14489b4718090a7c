package io.caravan.flow;

/** Message headers that routes and Caravan exchange. */
public final class CaravanHeaders {
  /** The job's id, set for outbound routes. */
  public static final String JOB = "CaravanJob";

  /** The client of a message; removed from messages from outside. */
  public static final String CLIENT = "CaravanClient";

  /** The intended file name of the output, such as {@code x.results.jsonl}. */
  public static final String FILE_NAME = "CaravanFileName";

  /** The size of the output in bytes. */
  public static final String LENGTH = "CaravanLength";

  /** {@code results}, {@code errors} or {@code report}. */
  public static final String KIND = "CaravanKind";

  private CaravanHeaders() {}
}
