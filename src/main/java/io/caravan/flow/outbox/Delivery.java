package io.caravan.flow.outbox;

import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.CloseAfterExchange;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.FileNames;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipelines;
import io.caravan.job.Job;
import io.caravan.job.JobBuilder;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.lease.Replica;
import io.caravan.report.Report;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.springframework.stereotype.Component;

/** Opens a settled job's outputs for delivery, one after the other, and stores the progress. */
@Component("delivery")
public class Delivery {
  private final JobStore store;
  private final Workspace workspace;
  private final Replica replica;
  private final Clock clock;
  private final FlowProperties.General settings;

  Delivery(
      JobStore store,
      Workspace workspace,
      Replica replica,
      Clock clock,
      FlowProperties.General settings) {
    this.store = store;
    this.workspace = workspace;
    this.replica = replica;
    this.clock = clock;
    this.settings = settings;
  }

  /** Whether there are results to deliver. */
  public boolean resultsDue(@ExchangeProperty(ExchangeProperties.JOB) Job job) {
    return job.counts().results() > 0;
  }

  /** Whether there are errors to deliver. */
  public boolean errorsDue(@ExchangeProperty(ExchangeProperties.JOB) Job job) throws IOException {
    if (job.refused()) {
      return true;
    }
    try (JobFiles files = workspace.open(job)) {
      Path errors = files.errors();
      return Files.exists(errors) && Files.size(errors) > 0;
    }
  }

  /** Opens the results as a stream. */
  public void openResults(@ExchangeProperty(ExchangeProperties.JOB) Job job, Exchange exchange)
      throws IOException {
    open(job, "results", ".results.jsonl", open(job, exchange).results(), exchange);
  }

  /** Opens the errors as a stream; for a refused file, a single line with the reason. */
  public void openErrors(@ExchangeProperty(ExchangeProperties.JOB) Job job, Exchange exchange)
      throws IOException {
    if (job.refused()) {
      open(job, "errors", ".errors.jsonl", Report.refusal(job), exchange);
    } else {
      open(job, "errors", ".errors.jsonl", open(job, exchange).errors(), exchange);
    }
  }

  /** Opens the report. */
  public void openReport(@ExchangeProperty(ExchangeProperties.JOB) Job job, Exchange exchange)
      throws IOException {
    Job finished = job.withFinishedAt(clock.instant());
    List<Part> parts = store.parts(job.id());
    byte[] report;
    try (JobFiles files = workspace.open(job)) {
      report = Report.write(finished, parts, files.with(Report.FILES));
    }
    open(job, "report", ".report.json", report, exchange);
  }

  /** Stores that the results were delivered. */
  public void resultsDelivered(@ExchangeProperty(ExchangeProperties.JOB) Job job) {
    move(job, b -> b.status(JobStatus.RESULTS_DELIVERED));
  }

  /** Stores that the errors were delivered. */
  public void errorsDelivered(@ExchangeProperty(ExchangeProperties.JOB) Job job) {
    move(job, b -> b.status(JobStatus.ERRORS_DELIVERED));
  }

  /** Stores that the report was delivered, which finishes the job. */
  public void delivered(@ExchangeProperty(ExchangeProperties.JOB) Job job) {
    Instant now = clock.instant();
    move(
        job,
        b ->
            b.status(JobStatus.DELIVERED)
                .finishedAt(now)
                .schedule(b.schedule().withDueAt(now.plus(settings.retention()))));
  }

  private void move(Job job, Consumer<JobBuilder> change) {
    store.update(job, b -> change.accept(b.schedule(job.schedule().worked())));
  }

  private JobFiles open(Job job, Exchange exchange) throws IOException {
    JobFiles files = workspace.open(job);
    exchange
        .getExchangeExtension()
        .addOnCompletion(new CloseAfterExchange(files)); // the body is read later
    return files;
  }

  private void open(Job job, String kind, String suffix, Path file, Exchange exchange)
      throws IOException {
    open(job, kind, suffix, () -> Files.newInputStream(file), Files.size(file), exchange);
  }

  private void open(Job job, String kind, String suffix, byte[] bytes, Exchange exchange)
      throws IOException {
    open(job, kind, suffix, () -> new ByteArrayInputStream(bytes), bytes.length, exchange);
  }

  private void open(
      Job job, String kind, String suffix, OutputBody.Output output, long length, Exchange exchange)
      throws IOException {
    String name = FileNames.stem(job.file().name()) + suffix;
    Message message = exchange.getMessage();
    message.removeHeaders("*");
    message.setHeader(CaravanHeaders.JOB, job.id());
    message.setHeader(Pipelines.HEADER, job.pipeline());
    message.setHeader(CaravanHeaders.KIND, kind);
    message.setHeader(CaravanHeaders.LENGTH, length);
    message.setHeader(CaravanHeaders.FILE_NAME, name);
    message.setHeader(Exchange.FILE_NAME, name);
    message.setBody(OutputBody.open(output, length, replica, job.owner(), exchange));
  }
}
