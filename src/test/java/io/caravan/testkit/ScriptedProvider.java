package io.caravan.testkit;

import io.caravan.routes.fake.CountedBatch;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Ending;
import io.caravan.routes.fake.Fault;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * A provider with OpenAI's Files and Batch API on this machine. It answers every request with
 * "Yes." after 100 ms, and misbehaves as scripted.
 */
public final class ScriptedProvider implements AutoCloseable {
  private static final Duration USUAL = Duration.ofMillis(100);
  private static final Duration ENDLESS = Duration.ofDays(365);

  private final CountingProvider provider;
  private final Queue<Ending> endings = new ConcurrentLinkedQueue<>();
  private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
  private final List<EndedEvents> events = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private volatile boolean repeating;
  private volatile int shedding;

  /** Listens on any free port. */
  public ScriptedProvider() throws IOException {
    this(0);
  }

  /** Listens on this port of 127.0.0.1. */
  public ScriptedProvider(int port) throws IOException {
    provider =
        new CountingProvider(1, port)
            .withBatchesOf(USUAL)
            .ending(customIds -> {
              Ending next = endings.poll();
              return next == null ? Ending.COMPLETED : next;
            })
            .answering((customId, attempt) -> statuses.getOrDefault(customId, 200))
            .spoilingOutput(this::output);
    provider
        .single()
        .answering((customId, attempt) -> statuses.getOrDefault(customId, 200))
        .withoutCapacity((customId, attempt) -> shedding > 0 && requests(customId) % shedding == 0);
  }

  /** The value for {@code OPENAI_BASE_URL}. */
  public String url() {
    return provider.url();
  }

  /** New batches run this long. */
  public ScriptedProvider slow(Duration batches) {
    provider.withBatchesOf(batches);
    return this;
  }

  /** New batches never end, until {@link #release}. */
  public ScriptedProvider stall() {
    return slow(ENDLESS);
  }

  /** Ends all running batches; new ones run as usual. */
  public ScriptedProvider release() {
    provider.account().endAll();
    return slow(USUAL);
  }

  /** The next batch expires after this many answers. */
  public ScriptedProvider expire(int answers) {
    endings.add(Ending.expired(answers));
    return this;
  }

  /** The next batch is completed, but only this many answers are in its files. */
  public ScriptedProvider lose(int answers) {
    endings.add(Ending.withoutTheRest(answers));
    return this;
  }

  /** The next batch fails before it runs. */
  public ScriptedProvider fail(String message) {
    endings.add(Ending.failed("invalid_request", message));
    return this;
  }

  /** Whether new batches have each line of their output twice. */
  public ScriptedProvider repeat(boolean twice) {
    repeating = twice;
    return this;
  }

  /**
   * Sends a signed event when a batch has ended, as OpenAI does.
   *
   * @param address the webhook, such as {@code http://127.0.0.1:8080/webhooks/openai}
   * @param secret the signing secret, {@code whsec_} and base64
   */
  public ScriptedProvider report(URI address, String secret) {
    events.add(new EndedEvents(provider.account(), address, secret));
    return this;
  }

  /** The ids of all batches, oldest first. */
  public List<String> batches() {
    return provider.account().batches().stream().map(CountedBatch::id).toList();
  }

  /** How often the status of a batch was asked for. */
  public int polls() {
    return provider.calls("retrieve");
  }

  /** A request is answered with this HTTP status, at each attempt. */
  public ScriptedProvider answer(String customId, int status) {
    statuses.put(customId, status);
    return this;
  }

  /** The next call of a kind fails with this HTTP status. */
  public ScriptedProvider refuse(CallKind kind, int status) {
    Fault fault = Fault.refused(status, Fault.error("The provider says no.", "scripted"));
    switch (kind) {
      case UPLOAD -> provider.onUpload(fault);
      case CREATE -> provider.onCreate(fault);
      case STATUS -> provider.onRetrieve(fault);
      case DOWNLOAD -> provider.onContent(fault);
    }
    return this;
  }

  /**
   * The flex tier has no capacity for one of so many requests outside of batches, at each attempt.
   *
   * @param oneOf 1: for all of them; 0: for none
   */
  public ScriptedProvider shed(int oneOf) {
    shedding = oneOf;
    return this;
  }

  /** The number of a request, in the order of their first calls. */
  private int requests(String customId) {
    return numbers.computeIfAbsent(customId, id -> numbers.size());
  }

  /** The kinds of calls. */
  public enum CallKind {
    UPLOAD,
    CREATE,
    STATUS,
    DOWNLOAD
  }

  /** How often each request was answered, in batches and outside of them, by its custom_id. */
  public Map<String, Long> paid() {
    var paid = new TreeMap<>(provider.account().paid());
    provider.single().paid().forEach((customId, times) -> paid.merge(customId, times, Long::sum));
    return paid;
  }

  private List<String> output(List<String> lines) {
    var output = new ArrayList<>(lines);
    if (repeating) {
      output.addAll(lines);
    }
    return output;
  }

  @Override
  public void close() throws IOException {
    events.forEach(EndedEvents::close);
    provider.close();
  }

  /**
   * Runs until it is stopped: {@code java -jar caravan-testkit.jar [--port=9000] [FAULT…]}, with
   * faults such as {@code stall}, {@code slow=30s}, {@code expire=2}, {@code lose=2}, {@code
   * fail=reason}, {@code shed=2} and {@code repeat}; {@code
   * report=http://127.0.0.1:8080/webhooks/openai} sends events, signed with the secret in {@code
   * OPENAI_WEBHOOK_SECRET}.
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int port = 9000;
    var faults = new ArrayList<String>();
    for (String argument : arguments) {
      if (argument.startsWith("--port=")) {
        port = Integer.parseInt(argument.substring(7));
      } else {
        faults.add(argument);
      }
    }
    var provider = new ScriptedProvider(port);
    faults.forEach(provider::apply);
    System.out.println("OPENAI_BASE_URL=" + provider.url());
    new CountDownLatch(1).await();
  }

  private void apply(String fault) {
    String[] words = (fault + "=").split("=", -1);
    switch (words[0]) {
      case "stall" -> stall();
      case "slow" -> slow(Duration.parse("PT" + words[1]));
      case "expire" -> expire(Integer.parseInt(words[1]));
      case "lose" -> lose(Integer.parseInt(words[1]));
      case "fail" -> fail(words[1]);
      case "repeat" -> repeat(true);
      case "shed" -> shed(Integer.parseInt(words[1]));
      case "report" ->
          report(
              URI.create(words[1]), Objects.requireNonNull(System.getenv("OPENAI_WEBHOOK_SECRET")));
      default -> throw new IllegalArgumentException("There is no fault " + fault);
    }
  }
}
