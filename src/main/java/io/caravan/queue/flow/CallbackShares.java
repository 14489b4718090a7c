package io.caravan.queue.flow;

import io.caravan.queue.Callback;
import io.caravan.queue.CallbackEndpoint;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * The callbacks that this replica sends right now. A host and a client may each use a part of the
 * senders only, so that slow receivers do not hold up others.
 */
@Component
final class CallbackShares {
  /** As many as the consumers of queue-callback-send in routes/queue.camel.yaml. */
  private static final int SENDERS = 24;

  private static final int OF_CLIENT = 16;
  private static final int OF_HOST = 8;

  private final Map<String, CallbackEndpoint.Lane> sending = new ConcurrentHashMap<>();

  /** How many more callbacks of a lane may be sent. */
  int room(CallbackEndpoint.Lane lane) {
    int ofClient = 0;
    int ofHost = 0;
    for (CallbackEndpoint.Lane each : sending.values()) {
      ofClient += each.client().equals(lane.client()) ? 1 : 0;
      ofHost += each.host().equals(lane.host()) ? 1 : 0;
    }
    return Math.min(SENDERS - sending.size(), Math.min(OF_CLIENT - ofClient, OF_HOST - ofHost));
  }

  boolean full() {
    return sending.size() >= SENDERS;
  }

  void begin(Callback callback) {
    sending.put(callback.id(), callback.endpoint().lane());
  }

  void end(Callback callback) {
    sending.remove(callback.id());
  }

  List<String> ids() {
    return List.copyOf(sending.keySet());
  }
}
