package io.caravan.flow.live;

import io.caravan.flow.Reasons;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Looks for changed route files twice a second. File events would miss changes on network drives or
 * of ConfigMaps, which change by a link.
 */
@Component
class RouteWatch implements DisposableBean {
  private static final Logger LOG = LoggerFactory.getLogger(RouteWatch.class);
  private static final int MILLIS = 500;

  private final RouteFiles files;
  private final SettingsFiles settings;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("route-watch").daemon().factory());
  private String failure = "";

  RouteWatch(RouteFiles files, SettingsFiles settings) {
    this.files = files;
    this.settings = settings;
  }

  @EventListener(ApplicationReadyEvent.class)
  void start() {
    var unused = timer.scheduleWithFixedDelay(this::look, MILLIS, MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      files.look();
      settings.look();
      failure = "";
    } catch (RuntimeException e) {
      if (!failure.equals(Reasons.of(e))) {
        failure = Reasons.of(e);
        LOG.warn("changed routes are not loaded, retrying: {}", failure);
      }
    }
  }

  @Override
  public void destroy() {
    timer.shutdownNow();
  }
}
