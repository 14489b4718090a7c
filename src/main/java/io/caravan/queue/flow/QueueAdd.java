package io.caravan.queue.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.disk.DiskReserve;
import io.caravan.disk.NoRoomException;
import io.caravan.flow.CaravanHeaders;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.Hashes;
import io.caravan.queue.IdempotencyKey;
import io.caravan.queue.NewRequest;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueueSettings;
import io.caravan.queue.store.Added;
import io.caravan.queue.store.Addition;
import io.caravan.queue.store.Additions;
import io.caravan.store.StorePresence;
import io.caravan.workspace.DataFolder;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Queues the request in a message. */
@Component("queueAdd")
public class QueueAdd {
  /** Header with the id of the request, set once it is queued. */
  public static final String REQUEST = "CaravanRequest";

  /** Header by which a repeated call is recognised. */
  public static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

  private final RequestReader reader;
  private final Additions additions;
  private final QueueRoom room;
  private final StorePresence presence;
  private final DataFolder data;
  private final QueueSettings settings;
  private final Set<IdempotencyKey> running = ConcurrentHashMap.newKeySet();

  QueueAdd(
      RequestReader reader,
      Additions additions,
      QueueRoom room,
      StorePresence presence,
      DataFolder data,
      QueueSettings settings) {
    this.reader = reader;
    this.additions = additions;
    this.room = room;
    this.presence = presence;
    this.data = data;
    this.settings = settings;
  }

  /** Queues the request in the body, JSON, and replaces it by the receipt; other headers stay. */
  public void add(Exchange exchange) throws IOException {
    Message message = exchange.getMessage();
    byte[] body = body(message);
    String client = message.getHeader(CaravanHeaders.CLIENT, "", String.class);
    IdempotencyKey key = key(message.getHeader(IDEMPOTENCY_KEY, String.class), client, body);
    Receipt receipt =
        add(
            reader.read(
                body,
                client,
                header(message, CaravanHeaders.QUEUE),
                header(message, CaravanHeaders.CUSTOM_ID)),
            key);
    message.setHeader(REQUEST, receipt.id());
    message.setBody(receipt.json());
  }

  private static @Nullable String header(Message message, String name) {
    String value = message.getHeader(name, String.class);
    return value == null || value.isBlank() ? null : value;
  }

  /**
   * The answer to a call that queued a request.
   *
   * @param json the same for each call with the same key
   */
  public record Receipt(String id, String json) {}

  private byte[] body(Message message) throws IOException {
    long most = settings.maxRequestSize().toBytes();
    InputStream in = message.getBody(InputStream.class);
    byte[] body = in == null ? new byte[0] : in.readNBytes((int) most + 1);
    if (body.length > most) {
      throw QueueProblem.of(
          413,
          "request_too_large",
          "The request has more than the maximum of %d bytes (caravan.queue.max-request-size)."
              .formatted(most));
    }
    return body;
  }

  /** The key of a call; null if it has none. */
  public static @Nullable IdempotencyKey key(@Nullable String name, String client, byte[] payload) {
    if (name == null) {
      return null;
    }
    if (!KEY.matcher(name).matches()) {
      throw QueueProblem.invalid(
          "invalid_idempotency_key",
          "Idempotency-Key must have 1 to 255 visible ASCII characters.",
          IDEMPOTENCY_KEY);
    }
    return new IdempotencyKey(
        client, name, HexFormat.of().formatHex(Hashes.sha256().digest(payload)));
  }

  /** Queues a request that was read. */
  public Receipt add(NewRequest request, @Nullable IdempotencyKey key) {
    if (key != null && !running.add(key)) {
      throw QueueProblem.later(
          409,
          "request_outstanding",
          "A call with this Idempotency-Key is still running. Send it again to get its answer.",
          1);
    }
    try {
      return addOnce(request, key);
    } finally {
      if (key != null) {
        running.remove(key);
      }
    }
  }

  private Receipt addOnce(NewRequest request, @Nullable IdempotencyKey key) {
    var receipt = new Receipt(request.id(), receipt(request));
    requireRoom(request);
    try {
      return switch (additions.add(new Addition(request, key, receipt.json())).join()) {
        case Added.Queued queued -> receipt;
        case Added.Repeated(String answer) -> new Receipt(idIn(answer), answer);
        case Added.KeyInUse inUse -> throw keyInUse();
        case Added.CustomIdInUse(String id) -> throw customIdInUse(request, id);
      };
    } catch (CompletionException e) {
      throw e.getCause() instanceof QueueProblem problem ? problem : e;
    }
  }

  /** The problem of a key that another request has used. */
  public static QueueProblem keyInUse() {
    return QueueProblem.of(
        422,
        "idempotency_key_reused",
        "Idempotency-Key is already used for another request. Use another key.");
  }

  /** The problem of a custom_id that an earlier request has. */
  static QueueProblem customIdInUse(NewRequest request, String id) {
    return QueueProblem.of(
        409,
        "duplicate_custom_id",
        "custom_id %s is already used by request %s. Use another one."
            .formatted(Quote.of(request.customId()), id));
  }

  private void requireRoom(NewRequest request) {
    try {
      presence.check();
      DiskReserve.require(data.path(), request.bytes(), DiskReserve.Use.NEW_FILE);
    } catch (NoRoomException e) {
      throw QueueProblem.notStored(e);
    }
    room.require(request.group().client(), 1);
  }

  private static String receipt(NewRequest request) {
    ObjectNode receipt = StrictJson.MAPPER.createObjectNode();
    receipt.put("id", request.id()).put("job_id", request.id()).put("status", "queued");
    receipt.put("custom_id", request.customId());
    if (!request.jobType().isEmpty()) {
      receipt.put("job_type", request.jobType());
    }
    receipt.put("queue", request.group().queue()).put("provider", request.group().provider());
    if (request.deadline() != null) {
      receipt.put("deadline", request.deadline().toString());
    }
    return receipt.toString();
  }

  private static String idIn(String receipt) {
    try {
      return Objects.requireNonNull(
          StrictJson.MAPPER.readTree(receipt.getBytes(UTF_8)).path("id").textValue());
    } catch (IOException e) {
      throw new IllegalStateException("a stored receipt is not JSON", e);
    }
  }
}
