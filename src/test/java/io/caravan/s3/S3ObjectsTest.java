package io.caravan.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3ObjectsTest {
  private static final String BUCKET = "bucket";

  private static Path folder;
  private static S3Server server;
  private static S3Objects objects;

  @BeforeAll
  static void start(@TempDir Path temporary) throws IOException {
    folder = temporary;
    server = S3Server.start(folder).with(BUCKET);
    objects = new S3Objects(server.client());
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @Test
  void listsPageByPage() throws IOException {
    Path many = Files.createDirectories(folder.resolve(BUCKET).resolve("many"));
    for (int i = 0; i < 2_500; i++) {
      Files.createFile(many.resolve("o-" + i));
    }

    assertThat(objects.pages(BUCKET, "many/").map(page -> page.size()))
        .containsExactly(1_000, 1_000, 500);
  }

  @Test
  void findsTheSameAsItLists() {
    server.put(BUCKET, "same/x", "content");

    FoundObject listed = objects.pages(BUCKET, "same/").findFirst().orElseThrow().getFirst();

    assertThat(objects.find(BUCKET, "same/x").orElseThrow().version()).isEqualTo(listed.version());
    assertThat(objects.find(BUCKET, "same/y")).isEmpty();
  }

  @Test
  void readsOnlyUnchangedObjects() {
    FoundObject old = put("read/x", "old");
    assertThat(server.client().getObjectAsBytes(S3Objects.read(old)).asUtf8String())
        .isEqualTo("old");
    put("read/x", "newer");

    assertThatThrownBy(() -> server.client().getObject(S3Objects.read(old)))
        .isInstanceOfSatisfying(S3Exception.class, e -> assertThat(S3Objects.isGone(e)).isTrue());
  }

  @Test
  void deletesOnlyUnchangedObjects() {
    FoundObject old = put("delete/x", "old");
    FoundObject newer = put("delete/x", "newer");

    assertThat(objects.delete(old)).isFalse();
    assertThat(server.get(BUCKET, "delete/x")).isEqualTo("newer");
    assertThat(objects.delete(newer)).isTrue();
    assertThat(objects.delete(newer)).isFalse();
    assertThat(server.keys(BUCKET, "delete/")).isEmpty();
  }

  @Test
  void copiesOnlyUnchangedObjects() {
    FoundObject old = put("copy/x", "old");
    FoundObject newer = put("copy/x", "newer");

    assertThat(objects.copy(old, "copy/old")).isFalse();
    assertThat(objects.copy(newer, "copy/newer")).isTrue();
    assertThat(server.keys(BUCKET, "copy/")).containsExactly("copy/newer", "copy/x");
  }

  /** As in stores that read the name of a copy's source differently. */
  @Test
  void reportsAnObjectThatExistsButCannotBeCopied() {
    FoundObject object = put("denied/x", "content");
    S3Moment.before(
        CopyObjectRequest.class,
        "denied/copy",
        () -> {
          throw NoSuchKeyException.builder().statusCode(404).build();
        });

    assertThatThrownBy(() -> objects.copy(object, "denied/copy"))
        .hasMessageContaining("it exists, but the store refuses to copy it: 404");
  }

  @Test
  void copiesLargeObjectsInParts() {
    String content = "0123456789".repeat(1 << 20);
    FoundObject large = put("large/x", content);

    assertThat(new S3Objects(server.client(), 6 << 20).copy(large, "large/copy")).isTrue();

    assertThat(server.get(BUCKET, "large/copy")).isEqualTo(content);
  }

  @Test
  void detectsTruncatedObjects() throws IOException {
    var object = new FoundObject(BUCKET, "x", "tag", Instant.EPOCH, 8);

    try (var cut = new WholeObject(object, response("seven b"))) {
      assertThatThrownBy(cut::readAllBytes).hasMessage("s3://bucket/x ends after 7 of 8 bytes");
    }
    try (var whole = new WholeObject(object, response("8 bytes."))) {
      assertThat(whole.readAllBytes()).hasSize(8);
    }
  }

  private static FoundObject put(String key, String content) {
    server.put(BUCKET, key, content);
    return objects.find(BUCKET, key).orElseThrow();
  }

  private static ResponseInputStream<GetObjectResponse> response(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new ResponseInputStream<>(
        GetObjectResponse.builder().build(),
        AbortableInputStream.create(new ByteArrayInputStream(bytes)));
  }
}
