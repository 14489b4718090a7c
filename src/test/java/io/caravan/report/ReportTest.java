package io.caravan.report;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.job;
import static io.caravan.job.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.job.BatchStatus;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Job JOB =
      job("a")
          .with(b ->
              b.status(JobStatus.ERRORS_DELIVERED)
                  .file(b.file().withSha256("ab").withBytes(99))
                  .counts(
                      b.counts()
                          .with(it ->
                              it.requests(5).results(3).errors(2).inputTokens(7).outputTokens(4)))
                  .finishedAt(NOON.plusSeconds(60)));

  @TempDir private Path folder;

  @Test
  void reportsCountsThatAddUp() throws IOException {
    assertThat(report(JOB))
        .isEqualTo(
            json(
                """
                {'job': 'a', 'pipeline': 'default', 'provider': 'local',
                 'source': '/inbox/a.jsonl', 'name': 'a.jsonl', 'sha256': 'ab', 'bytes': 99,
                 'outcome': 'delivered',
                 'accepted_at': '2026-03-01T12:00:00Z', 'finished_at': '2026-03-01T12:01:00Z',
                 'send_at': null, 'priority': 5, 'deadline_at': null, 'late': null,
                 'requests': {'total': 5, 'results': 3, 'errors': 2},
                 'usage': {'input_tokens': 7, 'output_tokens': 4, 'total_tokens': 11},
                 'estimated_cost_usd': null,
                 'attempts': 0, 'retry_of': null, 'parts': [], 'notes': [], 'problems': []}
                """));
  }

  @Test
  void reportsEachPart() throws IOException {
    Part ended =
        part(JOB, 1)
            .with(b ->
                b.status(PartStatus.SETTLED)
                    .submission(
                        b.submission()
                            .with(it ->
                                it.batchId("batch_1")
                                    .batchStatus(BatchStatus.EXPIRED)
                                    .inputFileId("file-1")
                                    .outputFileId("file-2")
                                    .uploads(1)
                                    .completed(2)
                                    .failed(1)
                                    .submittedAt(NOON.plusSeconds(1))
                                    .endedAt(NOON.plusSeconds(2))))
                    .size(b.size().withRequests(3)));

    assertThat(report(JOB, ended, part(JOB, 2).withStatus(PartStatus.REFUSED)).path("parts"))
        .isEqualTo(
            json(
                """
                [{'name': '1', 'attempt': 1, 'way': 'batch', 'cut_short': null, 'batch': 'batch_1', 'endpoint': '/v1/chat/completions',
                  'model': 'gpt-4o-mini', 'status': 'settled', 'batch_status': 'expired',
                  'requests': 3, 'completed': 2, 'failed': 1,
                  'uploads': 1, 'turned_away': 0, 'input_file': 'file-1', 'output_file': 'file-2', 'error_file': null,
                  'submitted_at': '2026-03-01T12:00:01Z', 'ended_at': '2026-03-01T12:00:02Z'},
                 {'name': '2', 'attempt': 1, 'way': 'batch', 'cut_short': null, 'batch': null, 'endpoint': '/v1/chat/completions',
                  'model': 'gpt-4o-mini', 'status': 'refused', 'batch_status': null,
                  'requests': 1, 'completed': 0, 'failed': 0,
                  'uploads': 0, 'turned_away': 0, 'input_file': null, 'output_file': null, 'error_file': null,
                  'submitted_at': null, 'ended_at': null}]
                """));
  }

  @Test
  void reportsRefusal() throws IOException {
    Job refused = job("a").withRefusal("a.jsonl: it is \"empty\".");

    JsonNode report = report(refused);

    assertThat(report.path("outcome").asText()).isEqualTo("refused");
    assertThat(report.path("sha256").isNull()).isTrue();
    assertThat(report.path("finished_at").isNull()).isTrue();
    assertThat(report.path("problems").get(0).path("code").asText()).isEqualTo("file_refused");
    assertThat(report.path("problems").get(0).path("message").asText())
        .isEqualTo("a.jsonl: it is \"empty\".");
  }

  @Test
  void writesOneErrorLineForARefusedFile() throws IOException {
    String line =
        new String(Report.refusal(job("a").withRefusal("ä \"x\"\n")), StandardCharsets.UTF_8);

    assertThat(line).endsWith("}\n").containsOnlyOnce("\n");
    assertThat(JSON.readTree(line))
        .isEqualTo(
            JSON.readTree(
                "{\"id\": null, \"custom_id\": null, \"response\": null, \"error\":"
                    + " {\"code\": \"file_refused\", \"message\": \"ä \\\"x\\\"\\n\","
                    + " \"line\": null}}"));
  }

  @Test
  void reportsProblemsOfBothErrorForms() throws IOException {
    errors(
        """
        {'custom_id': null, 'error': {'code': 'invalid', 'message': 'no', 'line': 2}}
        {'custom_id': 'r-1', 'response': {'status_code': 400, 'body': {'error': {'message': 'bad', 'code': 7}}}, 'error': null}
        {'custom_id': 'r-2', 'response': {'status_code': 500, 'body': 'oops'}}
        this is no JSON
        """
            .replace('\'', '"'));

    assertThat(report(JOB).path("problems"))
        .isEqualTo(
            json(
                """
                [{'custom_id': null, 'line': 2, 'code': 'invalid', 'message': 'no'},
                 {'custom_id': 'r-1', 'line': null, 'code': 7, 'message': 'bad'},
                 {'custom_id': 'r-2', 'line': null, 'code': null, 'message': null},
                 {'custom_id': null, 'line': null, 'code': null, 'message': null}]
                """));
  }

  @Test
  void reportsFirstHundredProblems() throws IOException {
    var lines = IntStream.range(0, 250).mapToObj("{\"custom_id\": \"r-%d\"}%n"::formatted).toList();
    errors(String.join("", lines));

    JsonNode problems = report(JOB).path("problems");

    assertThat(problems).hasSize(100);
    assertThat(problems.get(99).path("custom_id").asText()).isEqualTo("r-99");
  }

  @Test
  void isWrittenForAnyErrorsFile() throws IOException {
    Files.write(folder.resolve("errors.jsonl"), new byte[] {'"', (byte) 0xc3, '"', '\n', 0, '\n'});

    assertThat(report(JOB).path("problems")).hasSize(2);
  }

  @Test
  void reportsNotes() throws IOException {
    Notes.write(folder, "validation", List.of("blank lines were left out"), List.of());

    assertThat(report(JOB).path("notes").get(0).asText()).isEqualTo("blank lines were left out");
  }

  private void errors(String lines) throws IOException {
    Files.writeString(folder.resolve("errors.jsonl"), lines);
  }

  private JsonNode report(Job job, Part... parts) throws IOException {
    return JSON.readTree(Report.write(job, List.of(parts), folder));
  }

  private static JsonNode json(String text) throws IOException {
    return JSON.readTree(text.replace('\'', '"'));
  }
}
