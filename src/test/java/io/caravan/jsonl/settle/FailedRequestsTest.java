package io.caravan.jsonl.settle;

import static io.caravan.jsonl.Requests.RULES;
import static io.caravan.jsonl.Requests.limits;
import static io.caravan.jsonl.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.jsonl.Requests;
import io.caravan.jsonl.convert.Converter;
import io.caravan.jsonl.settle.FailedRequests.Counts;
import io.caravan.jsonl.split.Splitter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedRequestsTest {
  @TempDir private Path folder;
  private Path input;
  private Path results;
  private Path failed;
  private Path columns;

  @BeforeEach
  void nameFiles() {
    input = folder.resolve("input.jsonl");
    results = folder.resolve("results.jsonl");
    failed = folder.resolve("failed.jsonl");
    columns = folder.resolve("columns.jsonl");
  }

  @Test
  void writesRequestsWithoutResultUnchanged() throws IOException {
    String spaced = " " + request("ü").replace(":", " : ");
    job(
        "\ufeff" + request("a"),
        "oops",
        spaced + "\r",
        "",
        request("b"),
        request("a"),
        request("c"));
    results("b");

    assertThat(write()).isEqualTo(new Counts(3, 2));
    assertThat(failed)
        .content()
        .isEqualTo(request("a") + "\n" + spaced + "\n" + request("c") + "\n");
  }

  @Test
  void writesCarriedColumnsUnderNewLineNumbers() throws IOException {
    job(request("a"), "", request("b"), request("c"), request("d"));
    Files.writeString(folder.resolve(Converter.CARRIED), "{\"n\":1}\n\n{\"n\":3}\n\n{\"n\":5}\n");
    results("a");

    assertThat(write()).isEqualTo(new Counts(3, 0));
    assertThat(columns).content().isEqualTo("{\"n\":3}\n\n{\"n\":5}\n");
  }

  @Test
  void writesNoFileIfNothingFailed() throws IOException {
    job(request("a"), "oops", request("b"));
    results("b", "a");

    assertThat(write()).isEqualTo(new Counts(0, 1));
    assertThat(failed).doesNotExist();
    assertThat(columns).doesNotExist();
  }

  @Test
  void writesAllRequestsOfJobWithoutResults() throws IOException {
    job(request("a"), request("b"));
    results();

    assertThat(write()).isEqualTo(new Counts(2, 0));
    assertThat(failed).hasSameBinaryContentAs(input);
  }

  @Test
  void detectsTruncatedInput() throws IOException {
    job(request("a"), request("b"));
    results("a");
    Files.writeString(input, request("a"));

    assertThatThrownBy(this::write)
        .isInstanceOf(EOFException.class)
        .hasMessage(input + " has become shorter than it was.");
    assertThat(failed).doesNotExist();
  }

  private void job(String... lines) throws IOException {
    new Splitter(RULES, limits(2, 9999)).split(Requests.write(folder, lines), "in.jsonl", folder);
  }

  private void results(String... ids) throws IOException {
    Files.write(results, List.of(ids).stream().map(Requests::answer).toList());
  }

  private Counts write() throws IOException {
    return new FailedRequests(folder, input, results).write(failed, columns);
  }
}
