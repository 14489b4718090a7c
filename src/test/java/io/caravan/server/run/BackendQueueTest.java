package io.caravan.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.TestClock;
import io.caravan.call.Call;
import io.caravan.server.backend.Backend;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.settings.BatchShare;
import io.caravan.server.settings.QuietHours;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.JsonBytes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the slots of a backend are assigned. */
class BackendQueueTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> order = new CopyOnWriteArrayList<>();
  private final Semaphore gate = new Semaphore(0);
  private final TestClock clock = new TestClock(Instant.parse("2026-01-01T12:00:00Z"));

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @Test
  void sharesSlotsByWeight() {
    BackendQueue lane = lane(1, 1);
    lane.add(new Gated("first", 1, 1));
    awaitOrder(1);
    lane.add(new Gated("normal", 4, 100));
    lane.add(new Gated("low", 1, 100));

    gate.release(50);

    awaitOrder(51);
    assertThat(order.subList(1, 51).stream().filter("normal"::equals).count()).isBetween(39L, 41L);
  }

  @Test
  void runsDirectRequestsBeforeBatches() {
    BackendQueue lane = lane(1, 1);
    lane.add(new Gated("batch", 4, 100));
    awaitOrder(1);
    lane.run(direct());

    gate.release(2);

    awaitOrder(3);
    assertThat(order.subList(0, 3)).containsExactly("batch", "direct", "batch");
  }

  @Test
  void reservesAShareForDirectRequests() {
    BackendQueue lane = lane(4, 0.5);
    lane.add(new Gated("batch", 4, 100));
    awaitOrder(2);

    lane.run(direct());

    awaitOrder(3);
    assertThat(order).containsExactly("batch", "batch", "direct");
  }

  @Test
  void runsBatchesInQuietHoursOnly() {
    LocalTime now = LocalTime.now(clock.withZone(ZoneId.systemDefault()));
    var quiet = new QuietHours(now.plusHours(1), now.plusHours(3));
    BackendQueue lane = new BackendQueue(new Rooms(2), new BatchShare(0, quiet, clock));
    lane.add(new Gated("batch", 4, 100));
    lane.run(direct());
    awaitOrder(1);
    assertThat(order).containsExactly("direct");

    clock.advance(Duration.ofHours(2));
    lane.wake();

    awaitOrder(3);
  }

  @ParameterizedTest
  @CsvSource({
    "22:00-06:00, 23:30, true",
    "22:00-06:00, 05:59, true",
    "22:00-06:00, 06:00, false",
    "08:00-09:00, 08:00, true",
    "08:00-09:00, 09:00, false"
  })
  void recognizesQuietHours(String hours, LocalTime time, boolean quiet) {
    assertThat(QuietHours.parse(hours).cover(time)).isEqualTo(quiet);
  }

  @Test
  void runsOtherRequestsWhileSomeAwaitRetries() {
    BackendQueue lane =
        new BackendQueue(new Rooms(1, 2), new BatchShare(1, null, Clock.systemUTC()));
    lane.add(new Gated("batch", 1, 100));

    awaitOrder(2);
  }

  @Test
  void neverExceedsTheSlotsOfTheBackend() {
    var atOnce = new AtomicInteger();
    var most = new AtomicInteger();
    BackendQueue lane = lane(3, 1);
    RequestSource counting =
        new Gated("x", 1, 1_000) {
          @Override
          void run() {
            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            atOnce.decrementAndGet();
          }
        };
    lane.add(counting);
    for (int i = 0; i < 200; i++) {
      lane.wake();
      lane.run(end -> {
        threads.execute(end);
        return true;
      });
    }

    await().until(() -> !counting.beginNext(new Rooms(1), () -> {}));
    assertThat(most.get()).isBetween(1, 3);
  }

  @Test
  void continuesWhenRequestsEndInsideBegin() {
    var ended = new AtomicInteger();
    lane(1, 1).add(new AtOnce(ended));

    assertThat(ended).hasValue(AtOnce.COUNT);
  }

  private record AtOnce(AtomicInteger ended) implements RequestSource {
    private static final int COUNT = 100_000;

    @Override
    public int weight() {
      return 1;
    }

    @Override
    public boolean beginNext(Backend backend, Runnable end) {
      if (ended.get() == COUNT) {
        return false;
      }
      ended.incrementAndGet();
      end.run();
      return true;
    }
  }

  private BackendQueue lane(int rooms, double share) {
    return new BackendQueue(new Rooms(rooms), new BatchShare(share, null, Clock.systemUTC()));
  }

  private PendingCall direct() {
    return end -> {
      order.add("direct");
      end.run();
      return true;
    };
  }

  private void awaitOrder(int size) {
    await().until(() -> order.size() >= size);
  }

  /** Its requests end when the gate lets them. */
  private class Gated implements RequestSource {
    private final String name;
    private final int weight;
    private final AtomicInteger left;

    Gated(String name, int weight, int left) {
      this.name = name;
      this.weight = weight;
      this.left = new AtomicInteger(left);
    }

    @Override
    public int weight() {
      return weight;
    }

    @Override
    public boolean beginNext(Backend backend, Runnable end) {
      if (left.getAndDecrement() <= 0) {
        return false;
      }
      threads.execute(() -> {
        run();
        end.run();
      });
      return true;
    }

    void run() {
      order.add(name);
      gate.acquireUninterruptibly();
    }
  }

  private record Rooms(int concurrency, int rooms) implements Backend {
    private Rooms(int concurrency) {
      this(concurrency, concurrency);
    }

    @Override
    public String name() {
      return "test";
    }

    @Override
    public int mostJoined() {
      return 1;
    }

    @Override
    public void joinNoMore() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<BackendAnswer> answer(Endpoint endpoint, JsonBytes body, Call call) {
      throw new UnsupportedOperationException();
    }
  }
}
