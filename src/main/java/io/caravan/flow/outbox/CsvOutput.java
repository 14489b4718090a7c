package io.caravan.flow.outbox;

import io.caravan.disk.DiskReserve;
import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.CloseAfterExchange;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.Pipelines;
import io.caravan.flow.Templates;
import io.caravan.job.Job;
import io.caravan.jsonl.settle.AnswerTable;
import io.caravan.lease.Replica;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.springframework.stereotype.Component;

/** A step of outbound routes that converts results or errors into a CSV table. */
@Component("csvOutput")
public class CsvOutput {
  private final Pipelines pipelines;
  private final Templates templates;
  private final Workspace workspace;
  private final Replica replica;

  CsvOutput(Pipelines pipelines, Templates templates, Workspace workspace, Replica replica) {
    this.pipelines = pipelines;
    this.templates = templates;
    this.workspace = workspace;
    this.replica = replica;
  }

  /** Replaces the body with the table, under a name that ends in {@code .csv}. */
  public void write(@ExchangeProperty(ExchangeProperties.JOB) Job job, Exchange exchange)
      throws IOException {
    Message message = exchange.getMessage();
    String kind = message.getHeader(CaravanHeaders.KIND, String.class);
    List<String> carried = templates.get(pipelines.get(job.pipeline()).getTemplate()).carry();
    JobFiles files = workspace.open(job);
    exchange
        .getExchangeExtension()
        .addOnCompletion(new CloseAfterExchange(files)); // the body is read later
    Path table = files.toWrite().folder().resolve(kind + ".csv");
    try (InputStream lines = message.getBody(InputStream.class);
        Writer out =
            new OutputStreamWriter(
                new BufferedOutputStream(DiskReserve.newOutputStream(table)),
                StandardCharsets.UTF_8)) {
      new AnswerTable(carried, kind.equals("errors")).write(lines, out);
    }
    String name = message.getHeader(CaravanHeaders.FILE_NAME, String.class);
    String renamed = name.replaceFirst("\\.jsonl$", ".csv");
    message.setHeader(CaravanHeaders.FILE_NAME, renamed);
    message.setHeader(Exchange.FILE_NAME, renamed);
    long length = Files.size(table);
    message.setHeader(CaravanHeaders.LENGTH, length);
    message.setBody(
        OutputBody.open(() -> Files.newInputStream(table), length, replica, job.owner(), exchange));
  }
}
