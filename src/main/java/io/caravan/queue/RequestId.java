package io.caravan.queue;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;

/** Generates ids of queued requests: {@code req_}, the time, and random letters. */
public final class RequestId {
  /** What each id begins with. */
  public static final String PREFIX = "req_";

  private static final char[] LETTERS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
  private static final int TIME = 10;
  private static final int RANDOM = 14;
  private static final int COUNTER = 3;

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final ByteBuffer drawn = ByteBuffer.allocate(1 << 12).limit(0);
  private long last;
  private int count;

  public RequestId(Clock clock) {
    this.clock = clock;
  }

  /** A new id, greater than those before it. */
  public synchronized String next() {
    long now = Math.max(clock.millis(), last);
    count = now == last ? count + 1 : 0;
    if (count == 1 << (5 * COUNTER)) {
      now++;
      count = 0;
    }
    last = now;
    var id = new StringBuilder(PREFIX);
    append(id, now, TIME);
    append(id, count, COUNTER);
    append(id, draw(), 11);
    append(id, draw(), RANDOM - 11);
    return id.toString();
  }

  /** Many numbers in one call of the generator cost as much as one. */
  private long draw() {
    if (!drawn.hasRemaining()) {
      random.nextBytes(drawn.clear().array());
    }
    return drawn.getLong();
  }

  private static void append(StringBuilder id, long value, int letters) {
    for (int i = letters - 1; i >= 0; i--) {
      id.append(LETTERS[(int) (value >>> (5 * i)) & 31]);
    }
  }
}
