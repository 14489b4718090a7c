package io.caravan.flow.step;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.flow.FlowProperties;
import io.caravan.job.Job;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseTest {
  @TempDir private Path folder;

  /** A replica that was killed right after settling a part stays named in its row. */
  @Test
  void deletesPartFilesAsTheReplicaThatReleasesTheJob() throws IOException {
    try (var sqlite = SqliteStore.in(folder)) {
      Store store = sqlite.store();
      inProgress(store, "a", PartStatus.RETRIEVED);
      Part killed = store.claims().claimParts(NOON, 1, Set.of()).getFirst();
      store.jobs().update(killed, b -> b.status(PartStatus.SETTLED));
      Job job = store.claims().claimJobs(NOON, 1).getFirst();
      var release = new Release(store.jobs(), sqlite.folder(), sqlite.workspace(), settings(true));

      assertThat(store.jobs().part("a-1").orElseThrow().owner()).isNotNull();
      assertThat(release.partsToRelease(job.withOwner("me")))
          .extracting(Part::owner)
          .containsExactly("me");
    }
  }

  @Test
  void deletesNothingUnlessConfigured() throws IOException {
    try (var sqlite = SqliteStore.in(folder)) {
      Store store = sqlite.store();
      inProgress(store, "a", PartStatus.SETTLED);
      var release = new Release(store.jobs(), sqlite.folder(), sqlite.workspace(), settings(false));

      assertThat(release.partsToRelease(store.jobs().job("a").orElseThrow())).isEmpty();
    }
  }

  private FlowProperties.General settings(boolean deleteProviderFiles) {
    return new FlowProperties.General(
        folder,
        FlowProperties.Duplicates.REFUSE,
        Duration.ofHours(24),
        Duration.ofHours(1),
        deleteProviderFiles,
        1);
  }
}
