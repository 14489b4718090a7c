package io.caravan.operator;

/** The result of an operator's request, with a message for the operator. */
public sealed interface Outcome {
  /** What happens now, or why nothing happens. */
  String message();

  /**
   * The request is carried out.
   *
   * @param job the job that changes, or the new one
   */
  record Done(String job, String message) implements Outcome {}

  /** The job's status does not allow the request. */
  record Refused(String job, String message) implements Outcome {}

  /** There is no such job. */
  record Unknown(String message) implements Outcome {}
}
