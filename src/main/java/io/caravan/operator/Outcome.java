package io.caravan.operator;

/** What came of an operator's wish, in a sentence for the operator. */
public sealed interface Outcome {
  /** What happens now, or why nothing does. */
  String message();

  /**
   * It happens.
   *
   * @param job the job that goes on, or the new one
   */
  record Done(String job, String message) implements Outcome {}

  /** The job stands where this cannot be done. */
  record Refused(String job, String message) implements Outcome {}

  /** There is no such job. */
  record Unknown(String message) implements Outcome {}
}
