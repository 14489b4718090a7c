package io.caravan.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpstreamTriesTest {
  /** One thread, so that retries become due in order. */
  private final EventLoopGroup loops = new DefaultEventLoopGroup(1);

  private final UpstreamTries tries = new UpstreamTries(loops, () -> 1);
  private final Queue<String> seen = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() {
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void startsDueRetriesOnceSlotsAreFree() {
    tries.begin(() -> seen.add("at once"));
    assertThat(tries.onTheirWay()).hasValue(1);
    wait("first", Duration.ZERO);
    wait("second", Duration.ofMillis(20));
    assertThat(tries.waiting()).hasValue(2);

    tries.end();
    await().until(() -> seen.size() == 2);
    assertThat(tries.onTheirWay()).hasValue(1);
    assertThat(tries.waiting()).hasValue(1);
    tries.end();

    await().until(() -> seen.size() == 3);
    assertThat(seen).containsExactly("at once", "first", "second");
    tries.end();
    assertThat(tries.onTheirWay()).hasValue(0);
    assertThat(tries.waiting()).hasValue(0);
  }

  @Test
  void skipsCancelledRetries() {
    tries.begin(() -> {});
    UpstreamTries.Waiting cancelled = wait("cancelled", Duration.ZERO);
    UpstreamTries.Waiting early = tries.waiting(() -> seen.add("early"));
    assertThat(early.cancel()).isTrue();
    early.begin(Duration.ZERO);
    assertThat(cancelled.cancel()).isTrue();
    assertThat(cancelled.cancel()).isFalse();
    UpstreamTries.Waiting started = wait("started", Duration.ZERO);

    tries.end();

    await().until(() -> seen.size() == 1);
    assertThat(started.cancel()).isFalse();
    assertThat(seen).containsExactly("started");
    assertThat(tries.waiting()).hasValue(0);
    assertThat(tries.onTheirWay()).hasValue(1);
  }

  private UpstreamTries.Waiting wait(String name, Duration time) {
    UpstreamTries.Waiting waiting = tries.waiting(() -> seen.add(name));
    waiting.begin(time);
    return waiting;
  }
}
