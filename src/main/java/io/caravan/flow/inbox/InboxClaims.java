package io.caravan.flow.inbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.flow.AnotherReadsException;
import io.caravan.flow.step.Release;
import io.caravan.job.StoreId;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Ordered;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Claims files of folder inboxes by a lock file beside each ({@code .x.jsonl.claim}), so that
 * installations that share nothing but the inbox do not take the same file twice. A claim names the
 * store of its owner and expires a minute after its last renewal; what a killed process has left is
 * taken over by its own store at once, and by another one when it has expired.
 */
@Component
public class InboxClaims implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(InboxClaims.class);
  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final Duration RENEWAL = Duration.ofSeconds(15);
  private static final Duration SWEEP = Duration.ofHours(1);
  private static final String ENDING = ".claim";

  /** Most file systems allow 255 bytes. */
  private static final int LONGEST_NAME = 200;

  private final String owner;
  private final Clock clock;
  private final Set<Path> held = ConcurrentHashMap.newKeySet();
  private final Map<Path, Instant> swept = new ConcurrentHashMap<>();
  private final Set<Path> unlockable = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService renewals =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("inbox-claims").daemon().factory());

  InboxClaims(StoreId store, Clock clock) {
    this.owner = store.value();
    this.clock = clock;
    var unused =
        renewals.scheduleWithFixedDelay(
            () -> held.forEach(this::renew),
            RENEWAL.toMillis(),
            RENEWAL.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** What a claim says. */
  private record Claim(String owner, Instant expires) {
    static Claim read(Path lock) throws IOException {
      List<String> lines = Files.readString(lock, UTF_8).lines().toList();
      if (lines.size() >= 2) {
        try {
          return new Claim(lines.get(0), Instant.parse(lines.get(1)));
        } catch (DateTimeParseException e) {
          // half written: judged by its age
        }
      }
      return new Claim("", Files.getLastModifiedTime(lock).toInstant().plus(LEASE));
    }
  }

  /**
   * Claims a file until its exchange has ended and the inbox has let go of it.
   *
   * @throws AnotherReadsException when another installation has claimed it, or has just taken it
   */
  void begin(Path file, Exchange exchange) throws IOException {
    Path lock = lock(file);
    sweep(file.toAbsolutePath().getParent());
    try {
      take(lock, file);
    } catch (AccessDeniedException e) {
      tellUnlockable(file, e);
      return;
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw new AnotherReadsException(file.toString());
    } catch (FileSystemException e) {
      tellUnlockable(file, e); // a read-only file system
      return;
    }
    held.add(lock);
    exchange.getExchangeExtension().addOnCompletion(new Release(lock));
    if (!Files.exists(file)) { // taken between the look at the folder and the claim
      throw new AnotherReadsException(file.toString());
    }
  }

  /**
   * Makes sure, right before the job is stored, that the claim is still ours.
   *
   * @throws AnotherReadsException when it expired, as in a freeze, and was taken over
   */
  void check(Path file) throws IOException {
    Path lock = lock(file);
    if (held.contains(lock) && !owner.equals(read(lock).owner())) {
      throw new AnotherReadsException(file.toString());
    }
  }

  private static Claim read(Path lock) throws IOException {
    try {
      return Claim.read(lock);
    } catch (NoSuchFileException e) {
      return new Claim("", Instant.MAX);
    }
  }

  private void take(Path lock, Path file) throws IOException {
    try {
      write(lock, file, StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      Claim claim = Claim.read(lock);
      if (claim.owner().equals(owner)) {
        write(lock, file, StandardOpenOption.TRUNCATE_EXISTING); // of a process that was killed
      } else if (claim.expires().isBefore(clock.instant())) {
        takeOver(lock, file, claim);
      } else {
        throw e;
      }
    }
  }

  /** Only one of several gets to move it away; it must not be a fresh one. */
  private void takeOver(Path lock, Path file, Claim expired) throws IOException {
    Path away = lock.resolveSibling("." + UUID.randomUUID() + ENDING);
    Files.move(lock, away, StandardCopyOption.ATOMIC_MOVE);
    try {
      if (!Claim.read(away).equals(expired)) {
        Files.move(away, lock); // fails when there is another one already
        throw new FileAlreadyExistsException(lock.toString());
      }
      write(lock, file, StandardOpenOption.CREATE_NEW);
      LOG.info("{} was claimed by a process that is gone, and is taken over", file);
    } finally {
      Files.deleteIfExists(away);
    }
  }

  private void write(Path lock, Path file, StandardOpenOption option) throws IOException {
    String claim = "%s%n%s%n%s%n".formatted(owner, clock.instant().plus(LEASE), file.getFileName());
    Files.writeString(lock, claim, UTF_8, StandardOpenOption.WRITE, option);
  }

  private void renew(Path lock) {
    try {
      List<String> lines = Files.readAllLines(lock, UTF_8);
      if (held.contains(lock) && lines.size() >= 3 && lines.getFirst().equals(owner)) {
        write(lock, Path.of(lines.get(2)), StandardOpenOption.TRUNCATE_EXISTING);
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("{} could not be renewed", lock, e); // checked before the job is stored
    }
  }

  private static Path lock(Path file) {
    String name = String.valueOf(file.getFileName());
    boolean fits = name.getBytes(UTF_8).length <= LONGEST_NAME;
    String stem = fits ? name : UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString();
    return file.toAbsolutePath().resolveSibling("." + stem + ENDING);
  }

  /** Deletes claims whose file is gone, as a process leaves them that is killed after the move. */
  private void sweep(@Nullable Path folder) {
    Instant now = clock.instant();
    Instant last = folder == null ? now : swept.getOrDefault(folder, Instant.EPOCH);
    if (folder == null || last.plus(SWEEP).isAfter(now)) {
      return;
    }
    swept.put(folder, now);
    try (DirectoryStream<Path> claims = Files.newDirectoryStream(folder, ".*" + ENDING)) {
      for (Path lock : claims) {
        List<String> lines = Files.readAllLines(lock, UTF_8);
        if (!held.contains(lock)
            && Claim.read(lock).expires().isBefore(now)
            && (lines.size() < 3 || !Files.exists(folder.resolve(lines.get(2))))) {
          Files.deleteIfExists(lock);
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("{} could not be looked through for old claims", folder, e);
    }
  }

  private void tellUnlockable(Path file, IOException e) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null && unlockable.add(folder)) {
      LOG.warn(
          "files in {} cannot be claimed ({}): make sure that no other installation reads this folder.",
          folder,
          e.getMessage());
    }
  }

  @Override
  public void close() {
    renewals.shutdownNow();
  }

  /** Gives a claim back after the inbox has let go of the file. */
  private final class Release extends SynchronizationAdapter {
    private final Path lock;

    Release(Path lock) {
      this.lock = lock;
    }

    @Override
    public int getOrder() {
      return Ordered.LOWEST;
    }

    @Override
    public void onDone(Exchange done) {
      held.remove(lock);
      try {
        if (owner.equals(read(lock).owner())) {
          Files.deleteIfExists(lock);
        }
      } catch (IOException e) {
        LOG.debug("{} stays until it expires", lock, e);
      }
    }
  }
}
