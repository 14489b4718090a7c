package io.caravan.flow.inbox;

import static io.caravan.job.Rows.job;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.Logged;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipeline;
import io.caravan.flow.Pipelines;
import io.caravan.flow.Templates;
import io.caravan.job.JobStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import io.caravan.provider.Providers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.Status;
import org.springframework.mock.env.MockEnvironment;

class RemovedPipelinesTest {
  @Test
  void reportsRemovedPipelinesWithUnfinishedJobs(@TempDir Path folder) {
    try (SqliteStore sqlite = SqliteStore.in(folder);
        Logged logged = Logged.by(RemovedPipelines.class)) {
      Store store = sqlite.store();
      var camel = new DefaultCamelContext();
      camel.getRegistry().bind("default", new Pipeline());
      var requests = new FlowProperties.Requests(folder, folder, List.of());
      var removed =
          new RemovedPipelines(
              store.overview(),
              new Pipelines(
                  camel,
                  new Providers(Map.of()),
                  new Templates(requests, new MockEnvironment()),
                  Clock.systemUTC(),
                  ZoneOffset.UTC));
      store.jobs().accept(job("here"), false);
      store
          .jobs()
          .accept(job("gone").withPipeline("nightly").withStatus(JobStatus.DELIVERED), false);

      removed.warn();
      assertThat(logged.lines()).isEmpty();
      assertThat(removed.health().getStatus()).isEqualTo(Status.UP);

      store.jobs().accept(job("a").withPipeline("nightly"), false);
      store.jobs().accept(job("b").withPipeline("nightly").withStatus(JobStatus.SETTLED), false);
      removed.warn();

      assertThat(logged.lines())
          .singleElement()
          .asString()
          .startsWith("WARN pipeline=nightly is in no route file, and 2 of its jobs are not")
          .contains("routes/pipelines/nightly.camel.yaml", "caravan status", "caravan cancel JOB");
      Health health = removed.health();
      assertThat(health.getStatus()).isEqualTo(Status.DOWN);
      assertThat(health.getDetails())
          .containsOnly(Map.entry("nightly", "in no route file; unfinished jobs: 2"));
    }
  }
}
