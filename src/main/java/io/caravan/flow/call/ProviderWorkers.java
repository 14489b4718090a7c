package io.caravan.flow.call;

import io.caravan.flow.FlowProperties;
import io.caravan.job.Claims;
import io.caravan.job.Part;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Limits the workers that each provider occupies, so that a slow provider delays only its own
 * batches.
 */
@Component
public class ProviderWorkers {
  /** Fewer than the consumers of batch-status in routes/batch-watch.camel.yaml. */
  private static final int STATUS = 6;

  private final int steps;
  private final Map<Workers, Semaphore> free = new ConcurrentHashMap<>();
  private final AtomicLong freed = new AtomicLong();

  /** The workers of one provider, for status polls or for other steps. */
  private record Workers(String provider, boolean status) {}

  ProviderWorkers(FlowProperties.General settings) {
    this.steps = Math.max(1, settings.workers() - 1);
  }

  /** The semaphore of the part's step; null if it calls no provider. */
  private @Nullable Semaphore of(Part part) {
    if (part.isSynchronous()) {
      return null; // has connections of its own
    }
    return switch (part.status()) {
      case SUBMITTED -> of(new Workers(part.provider(), true));
      case PLANNED, UPLOADING, UPLOADED, CREATING, ENDED -> of(new Workers(part.provider(), false));
      case CALLING, RETRIEVED, REFUSED, SETTLED, DIVIDED -> null;
    };
  }

  private Semaphore of(Workers workers) {
    return free.computeIfAbsent(workers, added -> new Semaphore(added.status() ? STATUS : steps));
  }

  /** Assigns a worker to each claimed part; parts without one are released. */
  public List<Part> admitted(List<Part> claimed, Claims claims) {
    return claimed.stream()
        .filter(part -> {
          Semaphore workers = of(part);
          boolean admitted = workers == null || workers.tryAcquire();
          if (!admitted) {
            claims.release(part);
          }
          return admitted;
        })
        .toList();
  }

  /** Frees the worker; takes the part as it was claimed. */
  public void free(Part part) {
    Semaphore workers = of(part);
    if (workers != null) {
      workers.release();
      freed.incrementAndGet();
    }
  }

  /** The number of workers freed so far. */
  public long freed() {
    return freed.get();
  }

  /** The paused providers, plus those without a free worker for status polls or other steps. */
  public Set<String> withFull(Set<String> paused, boolean status) {
    var full = new HashSet<>(paused);
    free.forEach((workers, left) -> {
      if (workers.status() == status && left.availablePermits() == 0) {
        full.add(workers.provider());
      }
    });
    return full;
  }
}
