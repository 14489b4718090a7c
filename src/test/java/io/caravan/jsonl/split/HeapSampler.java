package io.caravan.jsonl.split;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.JMException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;

/** Records heap use after each collection, including garbage that young collections leave. */
final class HeapSampler implements AutoCloseable {
  private static final List<String> ELSEWHERE = List.of("Metaspace", "Code", "Compressed");

  private final AtomicLong highest = new AtomicLong();
  private final NotificationListener listener = (notification, handback) -> note(notification);

  void listen() {
    for (GarbageCollectorMXBean collector : collectors()) {
      ((NotificationEmitter) collector).addNotificationListener(listener, null, null);
    }
  }

  long highest() {
    return highest.get();
  }

  @Override
  public void close() {
    for (GarbageCollectorMXBean collector : collectors()) {
      try {
        ((NotificationEmitter) collector).removeNotificationListener(listener);
      } catch (JMException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static List<GarbageCollectorMXBean> collectors() {
    return ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class);
  }

  private void note(Notification notification) {
    var info = GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
    long used =
        info.getGcInfo().getMemoryUsageAfterGc().entrySet().stream()
            .filter(pool -> ELSEWHERE.stream().noneMatch(pool.getKey()::contains))
            .mapToLong(pool -> pool.getValue().getUsed())
            .sum();
    highest.accumulateAndGet(used, Math::max);
  }
}
