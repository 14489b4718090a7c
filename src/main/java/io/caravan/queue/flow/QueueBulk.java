package io.caravan.queue.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.disk.DiskReserve;
import io.caravan.disk.NoRoomException;
import io.caravan.disk.PrivateFolder;
import io.caravan.flow.Reasons;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.Hashes;
import io.caravan.queue.IdempotencyKey;
import io.caravan.queue.NewRequest;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueueSettings;
import io.caravan.queue.store.Added;
import io.caravan.queue.store.RequestStore;
import io.caravan.store.StorePresence;
import io.caravan.workspace.DataFolder;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Queues many requests of one call in one transaction. The call is written to disk first, so a slow
 * sender holds no transaction, and memory does not grow with it.
 */
@Component
public class QueueBulk {
  private static final Logger LOG = LoggerFactory.getLogger(QueueBulk.class);
  private static final int TOGETHER = 500;
  private static final long BYTES_TOGETHER = 4 << 20;
  private static final int MOST_ERRORS = 1000;

  private final RequestReader reader;
  private final RequestStore store;
  private final QueueRoom room;
  private final StorePresence presence;
  private final QueueSettings settings;
  private final Path scratch;

  QueueBulk(
      RequestReader reader,
      RequestStore store,
      QueueRoom room,
      StorePresence presence,
      QueueSettings settings,
      DataFolder data) {
    this.reader = reader;
    this.store = store;
    this.room = room;
    this.presence = presence;
    this.settings = settings;
    this.scratch = data.path().resolve("scratch");
  }

  /**
   * Queues the requests in a JSON array or in lines.
   *
   * @param atomic whether a bad request keeps all others out
   * @param keyName the Idempotency-Key; null for none
   * @return the answer, JSON: the ids by line, and the bad lines
   */
  public InputStream add(InputStream body, String client, boolean atomic, @Nullable String keyName)
      throws IOException {
    presence.check();
    try (FileChannel call = file()) {
      String hash = keep(body, call);
      IdempotencyKey named = QueueAdd.key(keyName, client, new byte[0]);
      IdempotencyKey key =
          named == null
              ? null
              : new IdempotencyKey(client, named.name(), hash + (atomic ? "" : "+"));
      return add(call, client, atomic, key);
    } catch (NoRoomException e) {
      throw QueueProblem.notStored(e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (DataAccessException | TransactionException e) {
      LOG.warn("a call with many requests could not be stored: {}", Reasons.of(e));
      throw QueueProblem.notStored(e);
    }
  }

  private InputStream add(
      FileChannel call, String client, boolean atomic, @Nullable IdempotencyKey key)
      throws IOException {
    FileChannel answered = file();
    try (BulkLines lines = BulkLines.of(Channels.newInputStream(call.position(0)), limits());
        var run = new Run(lines, client, atomic, answered)) {
      Optional<Added> before = store.addAll(key, run::next, run::refused, run::answer);
      if (before.isPresent()) {
        answered.close();
        return switch (before.get()) {
          case Added.Repeated(String answer) -> stream(answer);
          case Added.KeyInUse inUse -> throw QueueAdd.keyInUse();
          case Added.Queued q -> throw new IllegalStateException();
          case Added.CustomIdInUse c -> throw new IllegalStateException();
        };
      }
      run.finish();
      return Channels.newInputStream(answered.position(0));
    } catch (RuntimeException | IOException e) {
      answered.close();
      throw e;
    }
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  private BulkLines.Limits limits() {
    return new BulkLines.Limits(settings.maxRequestSize().toBytes(), settings.maxBulkRequests());
  }

  /**
   * The next requests of a call.
   *
   * @param lines the line of each request, by its id
   * @param bad the first bad lines, up to the number that is reported
   * @param rejected the number of bad lines
   */
  private record Piece(
      List<NewRequest> requests, Map<String, Long> lines, List<BadLine> bad, long rejected) {
    long line(NewRequest request) {
      return Objects.requireNonNull(lines.get(request.id()));
    }
  }

  private record BadLine(long line, QueueProblem problem) {}

  /** One pass over the requests of a call; the next ones are read while some are stored. */
  private final class Run implements AutoCloseable {
    private final BulkLines lines;
    private final String client;
    private final boolean atomic;
    private final FileChannel file;
    private final JsonGenerator out;
    private final ArrayNode errors = StrictJson.MAPPER.createArrayNode();
    private final Set<String> taken = new HashSet<>();
    private Piece now = new Piece(List.of(), Map.of(), List.of(), 0);
    private FutureTask<Piece> ahead;
    private long accepted;
    private long rejected;
    private boolean finished;

    Run(BulkLines lines, String client, boolean atomic, FileChannel file) throws IOException {
      this.lines = lines;
      this.client = client;
      this.atomic = atomic;
      this.file = file;
      this.out =
          StrictJson.MAPPER.createGenerator(
              new BufferedOutputStream(Channels.newOutputStream(file)));
      out.writeStartObject();
      out.writeArrayFieldStart("requests");
      this.ahead = readAhead();
    }

    private FutureTask<Piece> readAhead() {
      var task = new FutureTask<>(this::read);
      Thread.ofVirtual().name("queue-bulk").start(task);
      return task;
    }

    private Piece read() throws IOException {
      var requests = new ArrayList<NewRequest>(TOGETHER);
      var numbers = new HashMap<String, Long>();
      var bad = new ArrayList<BadLine>();
      long wrong = 0;
      long bytes = 0;
      while (requests.size() < TOGETHER && bytes < BYTES_TOGETHER && lines.next()) {
        try {
          NewRequest request = reader.read(lines.request(), client);
          requests.add(request);
          numbers.put(request.id(), lines.number());
          bytes += request.bytes();
        } catch (QueueProblem e) {
          wrong++;
          if (bad.size() < MOST_ERRORS) {
            bad.add(new BadLine(lines.number(), e));
          }
        }
      }
      return new Piece(requests, numbers, bad, wrong);
    }

    /** Reports the requests before, and gives the next. */
    List<NewRequest> next() {
      try {
        report();
        now = await(ahead);
        if (!now.requests().isEmpty()) {
          ahead = readAhead();
        }
        rejected += now.rejected() - now.bad().size();
        now.bad().forEach(it -> reject(it.line(), it.problem()));
        if (!now.requests().isEmpty()) {
          room.require(client, now.requests().size());
        }
        return now.requests();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Piece await(Future<Piece> piece) throws IOException {
      try {
        return piece.get();
      } catch (ExecutionException e) {
        switch (Objects.requireNonNull(e.getCause())) {
          case IOException failure -> throw failure;
          case RuntimeException failure -> throw failure;
          default -> throw new IllegalStateException(e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("Caravan is stopping");
      }
    }

    /** Another request has the custom_id of this one. */
    void refused(NewRequest request, String id) {
      taken.add(request.id());
      reject(now.line(request), QueueAdd.customIdInUse(request, id));
    }

    private void report() throws IOException {
      for (NewRequest request : now.requests()) {
        if (!taken.contains(request.id())) {
          accepted++;
          out.writeStartObject();
          out.writeNumberField("line", now.line(request));
          out.writeStringField("id", request.id());
          out.writeStringField("custom_id", request.customId());
          out.writeEndObject();
        }
      }
      taken.clear();
    }

    private void reject(long line, QueueProblem problem) {
      if (atomic) {
        throw QueueProblem.invalid(
            problem.code(),
            "Nothing was queued. Line %d: %s".formatted(line, problem.getMessage()),
            problem.param());
      }
      rejected++;
      if (errors.size() < MOST_ERRORS) {
        ObjectNode error = errors.addObject().put("line", line).put("code", problem.code());
        error.put("message", problem.getMessage());
        if (problem.param() != null) {
          error.put("param", problem.param());
        }
      }
    }

    /** The whole answer, to be kept with the key. */
    String answer() {
      try {
        finish();
        return new String(Channels.newInputStream(file.position(0)).readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void finish() throws IOException {
      if (!finished) {
        finished = true;
        out.writeEndArray();
        out.writeNumberField("accepted", accepted);
        out.writeNumberField("rejected", rejected);
        out.writeFieldName("errors");
        out.writeTree(errors);
        out.writeEndObject();
        out.flush();
      }
    }

    /** Waits for what is still being read, whose lines are closed next. */
    @Override
    public void close() throws IOException {
      try {
        await(ahead);
      } catch (IOException | RuntimeException e) {
        LOG.debug("reading ahead of a call that has ended", e);
      }
    }
  }

  /** A file that exists until it is closed, or this process ends. */
  private FileChannel file() throws IOException {
    PrivateFolder.create(scratch);
    Path path = Files.createTempFile(scratch, "bulk-", "");
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Files.delete(path);
    return file;
  }

  /** Writes the body to a file; returns its hash. */
  private String keep(InputStream body, FileChannel file) throws IOException {
    long most = settings.maxBulkSize().toBytes();
    MessageDigest digest = Hashes.sha256();
    InputStream in = new DigestInputStream(body, digest);
    OutputStream out = Channels.newOutputStream(file);
    byte[] piece = new byte[1 << 16];
    for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
      DiskReserve.require(scratch, read, DiskReserve.Use.NEW_FILE);
      out.write(piece, 0, read);
      if (file.size() > most) {
        throw QueueProblem.of(
            413,
            "body_too_large",
            "The body has more than the maximum of %d bytes (caravan.queue.max-bulk-size). Send it in several calls."
                .formatted(most));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
