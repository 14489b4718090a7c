package io.caravan.jsonl;

import static io.caravan.jsonl.Quote.number;

/**
 * How many requests of one file the heap has room for: a file with more is refused, where it would
 * run out of memory in the middle of its way.
 */
public record HeapRoom(long requests) {
  /** What settling keeps of a request, which is more than splitting does; src/docs/memory.md. */
  private static final int BYTES_A_REQUEST = 25;

  private static final long ALL_ELSE = 64L << 20;

  /** The serial collector keeps two thirds of the heap for what lives long. */
  public static HeapRoom ofThisProcess() {
    long lasting = Runtime.getRuntime().maxMemory() / 3 * 2;
    return new HeapRoom(Math.max(100_000, (lasting - ALL_ELSE) / BYTES_A_REQUEST));
  }

  public String refusal() {
    return ("the file holds more than %s requests, for which the heap of %s MB has no room. Start"
            + " Caravan with JAVA_OPTS=-Xmx1g, enough for 20,000,000, or cut the file.")
        .formatted(number(requests), number(Runtime.getRuntime().maxMemory() >> 20));
  }
}
