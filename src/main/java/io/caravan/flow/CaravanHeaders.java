package io.caravan.flow;

/** Message headers that routes and Caravan exchange. */
public final class CaravanHeaders {
  /** The job's id, set for outbound routes. */
  public static final String JOB = "CaravanJob";

  /** The client of a message; removed from messages from outside. */
  public static final String CLIENT = "CaravanClient";

  /** The queue that a request is added to; removed from messages from outside. */
  public static final String QUEUE = "CaravanQueue";

  /** The custom_id of a request that has none; removed from messages from outside. */
  public static final String CUSTOM_ID = "CaravanCustomId";

  /** The intended file name of the output, such as {@code x.results.jsonl}. */
  public static final String FILE_NAME = "CaravanFileName";

  /** The size of the output in bytes. */
  public static final String LENGTH = "CaravanLength";

  /** {@code results}, {@code errors} or {@code report}. */
  public static final String KIND = "CaravanKind";

  /**
   * When a job may be sent, an {@link java.time.Instant}, the earliest of all for at once; without
   * it, its pipeline's schedule decides.
   */
  public static final String SEND_AT = "CaravanSendAt";

  /** The schedule of that time. */
  public static final String SEND_SCHEDULE = "CaravanSendSchedule";

  /** By when the results are needed; senders may set it. */
  public static final String DEADLINE = "Caravan-Deadline";

  /** How urgent it is, 1 to 10; senders may set it. */
  public static final String PRIORITY = "Caravan-Priority";

  private CaravanHeaders() {}
}
