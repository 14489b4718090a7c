package io.caravan.routes.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.models.uploads.UploadCompleteParams;
import io.caravan.routes.fake.Api;
import java.io.IOException;
import java.util.List;
import java.util.Properties;

/**
 * Checks the embedded server's data of an earlier release.
 *
 * @param notes the facts stored then
 */
record UpgradedServer(Api api, Properties notes) {
  void servesWhatItServed() throws IOException {
    JsonNode completed = batch("completed");
    assertThat(completed.path("status").asText()).isEqualTo("completed");
    assertThat(outputOf(completed)).containsExactly("completed-1");
    assertThat(errorsOf(completed)).containsExactly("completed-2");
    JsonNode expired = batch("expired");
    assertThat(expired.path("status").asText()).isEqualTo("expired");
    assertThat(outputOf(expired)).containsExactly("expired-1");
    assertThat(errorsOf(expired)).containsExactlyInAnyOrder("expired-2", "expired-3");
    assertThat(batch("failed").path("status").asText()).isEqualTo("failed");
    assertThat(batch("failed").at("/errors/data")).isNotEmpty();
    assertThat(batch("cancelled").path("status").asText()).isEqualTo("cancelled");
    assertThat(batch("passed-on").path("status").asText()).isEqualTo("completed");
    assertThat(outputOf(batch("passed-on"))).hasSize(2);

    assertThat(content("notes.txt")).isEqualTo("Remember me.\n");
    assertThat(content("parts.jsonl")).isEqualTo(UpgradeEarlierDays.UPLOADED);
    assertThat(content("bad.jsonl")).isEqualTo("this is no request\n");
  }

  private List<String> outputOf(JsonNode batch) throws IOException {
    return api.customIds(batch.path("output_file_id").asText());
  }

  private List<String> errorsOf(JsonNode batch) throws IOException {
    return api.customIds(batch.path("error_file_id").asText());
  }

  private String content(String filename) throws IOException {
    for (JsonNode file : api.get("/v1/files?limit=1000").path("data")) {
      if (file.path("filename").asText().equals(filename)) {
        return api.text("GET", "/v1/files/" + file.path("id").asText() + "/content", "");
      }
    }
    throw new AssertionError("the embedded server has no file " + filename);
  }

  void takesTheRestOfAnUpload() throws IOException {
    String id = notes.getProperty("upload.pending");
    String rest = UpgradeEarlierDays.part(api, id, UpgradeEarlierDays.UPLOADED.substring(50));
    var completed =
        api.openai()
            .uploads()
            .complete(
                id,
                UploadCompleteParams.builder()
                    .partIds(List.of(notes.getProperty("upload.pending.part"), rest))
                    .build());
    String file = completed.file().orElseThrow().id();
    assertThat(api.text("GET", "/v1/files/" + file + "/content", ""))
        .isEqualTo(UpgradeEarlierDays.UPLOADED);
    for (String status : List.of("completed", "cancelled", "expired")) {
      String ended = notes.getProperty("upload." + status);
      assertThat(api.send("POST", "/v1/uploads/" + ended + "/cancel", "").body())
          .contains("The upload " + ended + " is " + status);
    }
  }

  void endsEveryBatch() throws IOException {
    assertThat(outputOf(ended("finalizing", "completed"))).containsExactly("finalizing-1");
    assertThat(errorsOf(ended("cancelling", "cancelled"))).containsExactlyInAnyOrder("r-1", "r-2");
    assertThat(outputOf(ended("validating", "completed"))).containsExactlyInAnyOrder("r-1", "r-2");
    assertThat(outputOf(ended("passed-on-running", "completed")))
        .containsExactlyInAnyOrder("passed-on-running-1", "passed-on-running-2");
    assertThat(outputOf(ended("parked", "completed")))
        .containsExactlyInAnyOrder("parked-1", "parked-2");
    assertThat(api.get("/v1/batches?limit=100").path("data"))
        .extracting(batch -> batch.path("status").asText())
        .isSubsetOf("completed", "failed", "expired", "cancelled");
  }

  private JsonNode ended(String name, String status) throws IOException {
    return api.awaitBatch(batch(name).path("id").asText(), status);
  }

  /** A batch of the embedded server by its name. */
  JsonNode batch(String name) throws IOException {
    for (JsonNode batch : api.get("/v1/batches?limit=100").path("data")) {
      if (batch.at("/metadata/name").asText().equals(name)) {
        return batch;
      }
    }
    throw new AssertionError("the embedded server has no batch " + name);
  }
}
