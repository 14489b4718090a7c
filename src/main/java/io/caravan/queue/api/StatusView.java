package io.caravan.queue.api;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.Waiting;
import io.caravan.queue.flow.Gathered;
import io.caravan.queue.flow.QueueOutlook;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Shows what is queued, and why it waits, as JSON. */
@Component
public class StatusView {
  private static final JsonMapper JSON = StrictJson.MAPPER;

  private final QueueOutlook outlook;

  StatusView(QueueOutlook outlook) {
    this.outlook = outlook;
  }

  /**
   * The queues of a client.
   *
   * @param client null for those of all clients, with their names
   */
  public ObjectNode of(@Nullable String client) {
    List<QueueOutlook.Group> groups = outlook.groups(client);
    List<Waiting> counts = groups.stream().flatMap(it -> it.gathered().counts().stream()).toList();
    ObjectNode view = JSON.createObjectNode();
    view.put("queued", counts.stream().mapToLong(Waiting::requests).sum());
    groups.stream()
        .map(QueueOutlook.Group::oldest)
        .min(Comparator.naturalOrder())
        .ifPresentOrElse(it -> view.put("oldest", it.toString()), () -> view.putNull("oldest"));
    view.set("by_job_type", sums(counts, Waiting::jobType));
    view.set("by_provider", sums(counts, it -> it.group().provider()));
    view.set("by_priority", sums(counts, it -> "" + it.priority()));
    var list = view.putArray("groups");
    groups.forEach(group -> list.add(view(group, client == null)));
    return view;
  }

  private static ObjectNode sums(List<Waiting> counts, Function<Waiting, String> key) {
    var sums = new TreeMap<String, Long>();
    counts.forEach(it -> sums.merge(key.apply(it), it.requests(), Long::sum));
    ObjectNode view = JSON.createObjectNode();
    sums.forEach(view::put);
    return view;
  }

  private static ObjectNode view(QueueOutlook.Group group, boolean named) {
    ObjectNode view = JSON.createObjectNode();
    Gathered gathered = group.gathered();
    view.put("queue", gathered.group().queue());
    if (named) {
      view.put("client", gathered.group().client());
    }
    view.put("provider", gathered.group().provider()).put("url", gathered.group().endpoint());
    view.put("model", gathered.group().model());
    view.put("requests", gathered.requests()).put("bytes", gathered.bytes());
    view.put("tokens", gathered.tokens()).put("oldest", group.oldest().toString());
    view.put("next_flush", group.nextFlush().toString()).put("waits_for", group.reason());
    ObjectNode limits = view.putObject("limits");
    limits.put("requests", group.queue().getMaxRequests());
    limits.put("bytes", group.queue().maxBytes().toBytes());
    if (group.queue().getMaxTokens() < Long.MAX_VALUE) {
      limits.put("tokens", group.queue().getMaxTokens());
    }
    limits.put("age_seconds", group.queue().getMaxAge().toSeconds());
    QueueOutlook.Room room = group.room();
    if (room != null) {
      view.putObject("provider_tokens")
          .put("limit", room.limit())
          .put("reserved", room.reserved())
          .put("headroom", room.headroom())
          .put("needed", gathered.tokens());
    }
    return view;
  }
}
