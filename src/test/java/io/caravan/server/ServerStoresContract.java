package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caravan.TestClock;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.run.ResultFiles;
import io.caravan.server.run.Tally;
import io.caravan.server.store.BatchForm;
import io.caravan.server.store.BatchProgress;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.Lease;
import io.caravan.server.store.Listing;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.store.Page;
import io.caravan.server.store.ServerStores;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredBatchStatus;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.Upload;
import io.caravan.server.store.UploadForm;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.JsonBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of the stores of files, uploads and batches. */
abstract class ServerStoresContract {
  private static final int MEGABYTE = 1 << 20;
  private static final BatchProgress ONE = BatchProgress.start("m", 1);

  final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
  private TestStores opened;
  private ServerStores stores;

  /** Opens the same stores again, as after a restart. */
  abstract TestStores open() throws IOException;

  @BeforeEach
  void start() throws IOException {
    opened = open();
    stores = opened.stores();
  }

  @AfterEach
  void stop() {
    opened.close();
  }

  private void restart() throws IOException {
    opened.close();
    opened = open();
    stores = opened.stores();
  }

  @Test
  void storesFilesWithTheirMetadata() throws Exception {
    byte[] bytes = bytes(5 * MEGABYTE / 2);
    StoredFile file = add("alice", "batch", bytes);
    restart();

    StoredFile found = stores.files().find(file.id()).orElseThrow();
    assertThat(found).isEqualTo(file);
    assertThat(found.bytes()).isEqualTo(bytes.length);
    assertThat(stores.files().content(found).contentLength()).isEqualTo(bytes.length);
    assertThat(stores.files().content(found).getContentAsByteArray()).isEqualTo(bytes);
  }

  @Test
  void readsFromTheMiddleOfAFile() throws Exception {
    byte[] bytes = bytes(5 * MEGABYTE / 2);
    StoredFile file = add("alice", "batch", bytes);

    for (int position : List.of(1, MEGABYTE - 1, MEGABYTE, 2 * MEGABYTE + 7)) {
      try (InputStream in = stores.files().content(file).getInputStream()) {
        in.skipNBytes(position);
        assertThat(in.read()).isEqualTo(bytes[position] & 0xff);
        assertThat(in.readNBytes(MEGABYTE).length)
            .isEqualTo(Math.min(MEGABYTE, bytes.length - position - 1));
      }
    }
  }

  @Test
  void replacesAFileOfTheSameId() throws Exception {
    StoredFile first = add("alice", "batch", bytes(10));
    stores
        .files()
        .add(
            first.id(),
            "alice",
            "b.jsonl",
            "batch",
            null,
            target -> Files.writeString(target, "again"));

    StoredFile found = stores.files().find(first.id()).orElseThrow();
    assertThat(stores.files().content(found).getContentAsString(UTF_8)).isEqualTo("again");
    assertThat(list("alice", null, 10).data()).hasSize(1);
  }

  @Test
  void forgetsExpiredFiles() throws Exception {
    StoredFile file =
        stores
            .files()
            .add(
                IdKind.FILE.next(),
                "alice",
                "a.jsonl",
                "batch",
                Duration.ofHours(1),
                target -> Files.writeString(target, "x"));

    clock.advance(Duration.ofHours(1));

    assertThat(list("alice", null, 10).data()).isEmpty();
    assertThat(stores.files().find(file.id())).isEmpty();
  }

  @Test
  void deletesAFileOnce() throws Exception {
    StoredFile file = add("alice", "batch", bytes(10));

    assertThat(stores.files().delete(file.id())).isTrue();
    assertThat(stores.files().delete(file.id())).isFalse();
    assertThat(stores.files().find(file.id())).isEmpty();
  }

  @Test
  void listsTheFilesOfOneOwnerPageByPage() throws Exception {
    List<String> alices =
        List.of(
            add("alice", "batch", bytes(1)).id(),
            add("alice", "evals", bytes(1)).id(),
            add("alice", "batch", bytes(1)).id());
    add("bob", "batch", bytes(1));

    Page<StoredFile> first = list("alice", null, 2);
    assertThat(first.data())
        .extracting(StoredFile::id)
        .containsExactly(alices.get(2), alices.get(1));
    assertThat(first.hasMore()).isTrue();
    Page<StoredFile> second = list("alice", alices.get(1), 2);
    assertThat(second.data()).extracting(StoredFile::id).containsExactly(alices.get(0));
    assertThat(second.hasMore()).isFalse();
    var oldestBatchFirst = new Listing("alice", "batch", alices.get(0), 2, false);
    assertThat(stores.files().list(oldestBatchFirst).data())
        .extracting(StoredFile::id)
        .containsExactly(alices.get(2));
    assertThatThrownBy(() -> list("alice", "file-of-nobody", 2)).isInstanceOf(ApiException.class);
  }

  @Test
  void joinsPartsInTheRequestedOrder() throws Exception {
    byte[] bytes = bytes(3 * MEGABYTE);
    Upload upload = begin(bytes.length);
    String second = part(upload, bytes, MEGABYTE + 5, bytes.length);
    String first = part(upload, bytes, 0, MEGABYTE + 5);
    restart();
    assertThat(stores.uploads().received(upload)).isEqualTo(bytes.length);
    assertThat(stores.uploads().size(upload, first)).contains(MEGABYTE + 5L);
    assertThatThrownBy(
            () -> stores.uploads().complete(upload, List.of(first, second), "0".repeat(32)))
        .isInstanceOf(ApiException.class);

    String md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    Upload completed = stores.uploads().complete(upload, List.of(first, second), md5);

    StoredFile file =
        stores.files().find(Optional.ofNullable(completed.fileId()).orElseThrow()).orElseThrow();
    assertThat(stores.files().content(file).getContentAsByteArray()).isEqualTo(bytes);
    assertThat(stores.uploads().find(upload.id())).contains(completed);
    assertThat(stores.uploads().received(upload)).isZero();
  }

  @Test
  void endsAnUploadOnce() throws Exception {
    Upload upload = begin(4);
    String part = part(upload, bytes(4), 0, 4);

    stores.uploads().cancel(upload);

    assertThatThrownBy(() -> stores.uploads().complete(upload, List.of(part), null))
        .isInstanceOf(ApiException.class);
    assertThat(stores.files().find(IdKind.FILE.derivedFrom(upload.id()))).isEmpty();
  }

  @Test
  void dropsPartsOfExpiredUploads() throws Exception {
    Upload upload = begin(4);
    part(upload, bytes(4), 0, 4);

    clock.advance(Upload.WINDOW);

    assertThat(stores.uploads().find(upload.id()).orElseThrow().status())
        .isEqualTo(Upload.Status.EXPIRED);
    assertThat(stores.uploads().received(upload)).isZero();
  }

  @Test
  void keepsTheInputOfABatchWhoseFileIsDeleted() throws Exception {
    StoredFile file = add("alice", "batch", bytes(2 * MEGABYTE));
    Lease lease = stores.batches().create("alice", form(file.id()));
    stores.files().delete(file.id());
    lease.open();

    assertThat(lease.folder().input()).hasSize(2L * MEGABYTE);
    finish(lease);
    assertThat(lease.folder().input()).doesNotExist();
  }

  @Test
  void refusesInputOfOtherOwnersOrPurposes() throws Exception {
    for (String file :
        List.of(
            add("bob", "batch", bytes(1)).id(),
            add("alice", "evals", bytes(1)).id(),
            IdKind.FILE.next())) {
      Lease lease = stores.batches().create("alice", form(file));
      lease.open();

      assertThat(lease.folder().input()).doesNotExist();
    }
  }

  @Test
  void findsABatchAndItsAnswersAfterARestart() throws Exception {
    Lease lease = stores.batches().create("alice", form("file-1"));
    lease.open();
    lease.update(batch -> batch.with(ONE).become(StoredBatchStatus.IN_PROGRESS, clock.instant()));
    try (var results = results(lease)) {
      results.append("good", answer(200)).join();
      results.append("bad", answer(400)).join();
    }
    restart();

    Lease again = claimOne();
    assertThat(again.id()).isEqualTo(lease.id());
    assertThat(again.batch().status()).isEqualTo(StoredBatchStatus.IN_PROGRESS);
    again.open();
    try (var results = results(again)) {
      assertThat(results.has("good")).isTrue();
      assertThat(results.has("bad")).isTrue();
      assertThat(results.has("other")).isFalse();
    }
    assertThat(again.folder().output()).content(UTF_8).contains("\"good\"").hasLineCount(1);
    assertThat(again.folder().errors()).content(UTF_8).contains("\"bad\"").hasLineCount(1);
  }

  @Test
  void claimsEachUnfinishedBatchOnce() throws Exception {
    finish(stores.batches().create("alice", form("file-1")));
    String unfinished = stores.batches().create("alice", form("file-1")).id();
    restart();

    assertThat(claimOne().id()).isEqualTo(unfinished);
    assertThat(stores.batches().claim(10)).isEmpty();
  }

  @Test
  void cancelsUnfinishedBatches() throws Exception {
    Lease lease = stores.batches().create("alice", form("file-1"));

    assertThat(stores.batches().cancel(lease.id()).status())
        .isEqualTo(StoredBatchStatus.CANCELLING);
    finish(lease);
    assertThat(stores.batches().cancel(lease.id()).status()).isEqualTo(StoredBatchStatus.CANCELLED);
  }

  @Test
  void listsTheBatchesOfOneOwnerNewestFirst() throws Exception {
    String first = stores.batches().create("alice", form("file-1")).id();
    String second = stores.batches().create("alice", form("file-1")).id();
    stores.batches().create("bob", form("file-1"));
    restart();

    assertThat(stores.batches().list(Listing.newestFirst("alice", null, 10)).data())
        .extracting(StoredBatch::id)
        .containsExactly(second, first);
    assertThat(stores.batches().list(Listing.newestFirst("alice", second, 10)).data())
        .extracting(StoredBatch::id)
        .containsExactly(first);
  }

  @Test
  void forgetsOnlyBatchesThatEndedBefore() throws Exception {
    Lease ended = stores.batches().create("alice", form("file-1"));
    finish(ended);
    clock.advance(Duration.ofDays(1));
    Instant between = clock.instant();
    clock.advance(Duration.ofDays(1));
    Lease later = stores.batches().create("alice", form("file-1"));
    Lease unfinished = stores.batches().create("alice", form("file-1"));
    finish(later);

    stores.batches().forgetEndedBefore(between);
    restart();

    assertThat(stores.batches().find(ended.id())).isEmpty();
    assertThat(stores.batches().find(later.id())).isPresent();
    assertThat(stores.batches().find(unfinished.id())).isPresent();
  }

  @Test
  void freesSpaceOfExpiredFilesAndUploads() throws Exception {
    long before = stores.size().bytes();
    stores
        .files()
        .add(
            IdKind.FILE.next(),
            "alice",
            "a.jsonl",
            "batch",
            Duration.ofMinutes(5),
            target -> Files.write(target, bytes(MEGABYTE)));
    Upload upload = begin(2 * MEGABYTE);
    part(upload, bytes(MEGABYTE), 0, MEGABYTE);
    assertThat(stores.size().bytes()).isBetween(before + 2 * MEGABYTE, before + 3 * MEGABYTE);

    clock.advance(Duration.ofHours(2));
    stores.files().forgetExpired();
    stores.uploads().forgetExpired();

    assertThat(stores.size().bytes()).isLessThan(before + MEGABYTE);
    assertThat(stores.uploads().find(upload.id())).isPresent();
    clock.advance(Duration.ofDays(2));
    stores.uploads().forgetExpired();
    assertThat(stores.uploads().find(upload.id())).isEmpty();
  }

  private Lease claimOne() {
    return await()
        .pollInterval(Duration.ofMillis(20))
        .until(() -> stores.batches().claim(10), claimed -> !claimed.isEmpty())
        .getFirst();
  }

  private void finish(Lease lease) throws IOException {
    stores.batches().cancel(lease.id());
    lease.update(batch -> batch.become(StoredBatchStatus.CANCELLED, clock.instant()));
    lease.end();
  }

  private Page<StoredFile> list(String owner, @Nullable String after, int limit) {
    return stores.files().list(Listing.newestFirst(owner, after, limit));
  }

  final StoredFile add(String owner, String purpose, byte[] bytes) throws IOException {
    return stores
        .files()
        .add(
            IdKind.FILE.next(),
            owner,
            "a.jsonl",
            purpose,
            null,
            target -> Files.write(target, bytes));
  }

  private Upload begin(long bytes) throws IOException {
    return stores.uploads().create("alice", new UploadForm("a.jsonl", "batch", bytes, null), null);
  }

  private String part(Upload upload, byte[] bytes, int from, int to) throws IOException {
    byte[] part = Arrays.copyOfRange(bytes, from, to);
    return stores.uploads().addPart(upload, target -> Files.write(target, part)).id();
  }

  static ResultFiles results(Lease lease) throws IOException {
    return new ResultFiles(lease.folder(), new Tally(ONE), lease.journal(), quota());
  }

  private static DiskQuota quota() throws IOException {
    return new DiskQuota(() -> 0, Long.MAX_VALUE, Path.of("."));
  }

  static BackendAnswer answer(int status) {
    return new BackendAnswer.Answered(status, "req_1", JsonBytes.of(TestServer.json("{}")));
  }

  static BatchForm form(String file) {
    return new BatchForm(Endpoint.CHAT_COMPLETIONS, file, null, null, OtherProviders.LOCAL);
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }
}
