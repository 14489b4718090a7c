package io.caravan.flow.synchronous;

/**
 * An attempt to send one request.
 *
 * @param line its number in the file of requests, from 1 on
 * @param offset of the line in bytes
 * @param length of the line in bytes
 * @param made attempts before this one
 * @param withoutCapacity how many of them found no free capacity
 */
record Attempt(int line, long offset, int length, int made, int withoutCapacity) {
  /** The next attempt after this one. */
  Attempt next(boolean noCapacity) {
    return new Attempt(line, offset, length, made + 1, withoutCapacity + (noCapacity ? 1 : 0));
  }
}
