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
 * Claims files of folder inboxes with a lock file beside each ({@code .x.jsonl.claim}), so that
 * installations that share only the inbox do not take the same file twice. A claim names its
 * owner's store and expires one minute after its last renewal. The claim of a killed process is
 * taken over at once by a process with the same store, and by others after it has expired.
 */
@Component
class InboxClaims implements AutoCloseable {
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

  /** The content of a claim file. */
  private record Claim(String owner, Instant expires) {
    static Claim read(Path lock) throws IOException {
      List<String> lines = Files.readString(lock, UTF_8).lines().toList();
      if (lines.size() >= 2) {
        try {
          return new Claim(lines.get(0), Instant.parse(lines.get(1)));
        } catch (DateTimeParseException e) {
          // half written: use its age
        }
      }
      return new Claim("", Files.getLastModifiedTime(lock).toInstant().plus(LEASE));
    }
  }

  /**
   * Claims a file until its exchange has ended and the inbox has moved or deleted it.
   *
   * @throws AnotherReadsException if another installation has claimed or just taken it
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
      tellUnlockable(file, e); // read-only file system
      return;
    }
    held.add(lock);
    exchange.getExchangeExtension().addOnCompletion(new Release(lock));
    if (!Files.exists(file)) { // taken between listing and claim
      throw new AnotherReadsException(file.toString());
    }
  }

  /**
   * Checks that the claim is still ours, right before the job is stored.
   *
   * @throws AnotherReadsException if it expired, as in a freeze, and was taken over
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
        write(lock, file, StandardOpenOption.TRUNCATE_EXISTING); // left by a killed process
      } else if (claim.expires().isBefore(clock.instant())) {
        takeOver(lock, file, claim);
      } else {
        throw e;
      }
    }
  }

  /** Takes over an expired claim: only one process can move it away, and it must be unchanged. */
  private void takeOver(Path lock, Path file, Claim expired) throws IOException {
    Path away = lock.resolveSibling("." + UUID.randomUUID() + ENDING);
    Files.move(lock, away, StandardCopyOption.ATOMIC_MOVE);
    try {
      if (!Claim.read(away).equals(expired)) {
        Files.move(away, lock); // fails if there is a new one
        throw new FileAlreadyExistsException(lock.toString());
      }
      write(lock, file, StandardOpenOption.CREATE_NEW);
      LOG.info("took over {}: its claim by another process expired", file);
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
      LOG.debug("claim {} could not be renewed", lock, e); // checked before the job is stored
    }
  }

  private static Path lock(Path file) {
    String name = String.valueOf(file.getFileName());
    boolean fits = name.getBytes(UTF_8).length <= LONGEST_NAME;
    String stem = fits ? name : UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString();
    return file.toAbsolutePath().resolveSibling("." + stem + ENDING);
  }

  /** Deletes claims whose file is gone, left by a process that was killed after the move. */
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
      LOG.debug("{} could not be searched for old claims", folder, e);
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

  /** Releases a claim after the inbox has moved or deleted the file. */
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
        LOG.debug("claim {} could not be deleted and stays until it expires", lock, e);
      }
    }
  }
}
