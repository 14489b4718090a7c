package io.caravan.jsonl;

import static io.caravan.jsonl.Quote.number;

/**
 * The number of requests per file that fit in the heap: a larger file is refused up front instead
 * of running out of memory halfway.
 */
public record HeapRoom(long requests) {
  /** Heap per request while settling, which needs more than splitting; src/docs/memory.md. */
  private static final int BYTES_A_REQUEST = 25;

  private static final long ALL_ELSE = 64L << 20;

  /** The serial collector reserves two thirds of the heap for long-lived objects. */
  public static HeapRoom ofThisProcess() {
    long lasting = Runtime.getRuntime().maxMemory() / 3 * 2;
    return new HeapRoom(Math.max(100_000, (lasting - ALL_ELSE) / BYTES_A_REQUEST));
  }

  public String refusal() {
    return ("the file holds more than %s requests, too many for the heap of %s MB. Start Caravan"
            + " with JAVA_OPTS=-Xmx1g, enough for 20,000,000, or split the file.")
        .formatted(number(requests), number(Runtime.getRuntime().maxMemory() >> 20));
  }
}
