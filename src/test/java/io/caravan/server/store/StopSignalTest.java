package io.caravan.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StopSignalTest {
  private final StopSignal signal = new StopSignal();

  @Test
  void interruptsAStep() throws Exception {
    var begun = new CountDownLatch(1);
    var step =
        new FutureTask<>(() ->
            signal.during(() -> {
              begun.countDown();
              return new CountDownLatch(1).await(1, TimeUnit.MINUTES);
            }));
    Thread thread = Thread.ofVirtual().start(step);
    begun.await();

    signal.stop(Stop.CANCEL);

    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    assertThatThrownBy(step::get).hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void doesNotInterruptBetweenSteps() throws Exception {
    signal.stop(Stop.CANCEL);

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThatThrownBy(() -> signal.during(() -> "not taken"))
        .isInstanceOf(InterruptedException.class);
    assertThat(signal.during(() -> "taken")).isEqualTo("taken");
  }

  @Test
  void interruptsTheNextStepIfTooLateForThisOne() throws Exception {
    String result =
        signal.during(() -> {
          signal.stop(Stop.EXPIRE);
          return "done";
        });

    assertThat(result).isEqualTo("done");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThatThrownBy(() -> signal.during(() -> "not taken"))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void keepsTheFirstReasonUnlessPaused() {
    signal.stop(Stop.CANCEL);
    signal.stop(Stop.EXPIRE);
    assertThat(signal.reason()).isEqualTo(Stop.CANCEL);

    signal.stop(Stop.PAUSE);
    assertThat(signal.reason()).isEqualTo(Stop.PAUSE);
  }
}
