package io.caravan.flow.dialect;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.job;
import static io.caravan.job.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.TestClock;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.call.Calls;
import io.caravan.flow.call.Outages;
import io.caravan.flow.call.Pauses;
import io.caravan.flow.call.ProviderContacts;
import io.caravan.flow.late.NoFallback;
import io.caravan.flow.step.Admission;
import io.caravan.flow.step.AnswersGrace;
import io.caravan.flow.step.JobsToEnd;
import io.caravan.flow.step.Retrieve;
import io.caravan.flow.step.SendHold;
import io.caravan.flow.step.Submit;
import io.caravan.job.Batch;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import io.caravan.provider.AccessRefusedException;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.provider.Quirks;
import io.caravan.provider.RetryableProviderException;
import io.caravan.provider.Synchronous;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class OpenAiTest {
  private static final Duration GRACE = Duration.ofMinutes(10);
  private static final Part PART =
      part(job("a"), 1)
          .with(b ->
              b.status(PartStatus.SUBMITTED)
                  .submission(b.submission().withBatchId("batch_1").withSubmittedAt(NOON))
                  .provider("openai"));

  @TempDir private Path folder;
  private final TestClock clock = new TestClock(NOON);
  private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());
  private SqliteStore sqlite;
  private OpenAi openai;

  @BeforeEach
  void openClient() throws IOException {
    sqlite = SqliteStore.in(folder);
    var poll =
        new FlowProperties.Poll(Duration.ofSeconds(1), Duration.ofSeconds(30), GRACE, GRACE, GRACE);
    var retry =
        new FlowProperties.Retry(
            Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(30), 10);
    var providers = new Providers(Map.of("openai", provider("sk-1", "")));
    Store store = sqlite.store();
    var general =
        new FlowProperties.General(
            folder,
            FlowProperties.Duplicates.REFUSE,
            Duration.ofHours(24),
            Duration.ofHours(1),
            false,
            1);
    var jobsToEnd =
        new JobsToEnd(
            store.jobs(),
            sqlite.processes().cancellations(),
            sqlite.processes().scheduler(),
            clock,
            general);
    var admission =
        new Admission(
            store.jobs(),
            sqlite.processes().queueLimits(),
            sqlite.processes().sendOrder(),
            sqlite.processes().tokenRates(),
            sqlite.workspace(),
            providers,
            jobsToEnd,
            new SendHold(store.jobs(), sqlite.processes().scheduler(), clock, ZoneOffset.UTC),
            NoFallback.ladder(),
            clock,
            retry,
            new FlowProperties.Priority(Duration.ofMinutes(30)));
    var submit = new Submit(store.jobs(), admission, jobsToEnd, providers, clock, poll);
    var contacts =
        new ProviderContacts(
            clock,
            new Pauses(clock, new Outages(clock, store.overview()), retry),
            age -> Optional.empty());
    var calls = new Calls(providers, contacts, clock);
    var batchCalls = new BatchCalls(calls, providers, submit, admission, contacts, clock, poll);
    var retrieve =
        new Retrieve(store.jobs(), sqlite.workspace(), calls, new AnswersGrace(clock, poll));
    openai =
        new OpenAi(
            new DialectCalls.Flow(
                calls, batchCalls, providers, sqlite.workspace(), submit, retrieve));
  }

  @AfterEach
  void closeStore() {
    sqlite.close();
  }

  @Test
  void sendsNoHeadersButItsOwn() {
    exchange.getMessage().setHeader("X-Mine", "secret");
    exchange.getMessage().setHeader(Exchange.HTTP_QUERY, "left=over");

    openai.writeGet(PART, exchange.getMessage());

    var headers = exchange.getMessage().getHeaders();
    headers.remove("CaravanOwner"); // marks a provider's call and is taken out of the request
    assertThat(headers)
        .isEqualTo(Map.of("Authorization", "Bearer sk-1", "OpenAI-Organization", "org-1"));
  }

  @Test
  void readsEachPageUntilTheLast() {
    assertThat(openai.morePages(null, null)).isTrue();
    answer(200, "{\"data\": [{\"id\": \"b1\"}], \"has_more\": true}");
    openai.readListBatches(PART, exchange);
    String after = exchange.getProperty("after", String.class);
    assertThat(openai.morePages(null, after)).isTrue();

    openai.writeListBatches(PART.provider(), after, exchange.getMessage());
    assertThat(exchange.getMessage().getHeader(Exchange.HTTP_QUERY))
        .isEqualTo("limit=100&after=b1");
    answer(200, "{\"data\": [{\"id\": \"b2\"}], \"has_more\": false}");
    openai.readListBatches(PART, exchange);
    assertThat(openai.morePages(null, exchange.getProperty("after", String.class))).isFalse();
  }

  @Test
  void stopsReadingAListThatRepeatsAPage() {
    answer(200, "{\"data\": [{\"id\": \"b1\"}], \"has_more\": true}");
    openai.readListBatches(PART, exchange);
    answer(200, "{\"data\": [{\"id\": \"b1\"}], \"has_more\": true}");

    assertThatThrownBy(() -> openai.readListBatches(PART, exchange))
        .isInstanceOf(RetryableProviderException.class)
        .hasMessageContaining("same page");
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 405, 501})
  void createsNoSecondBatchWithoutAList(int status) {
    answer(status, "{}");

    assertThatThrownBy(() -> openai.readListBatches(PART, exchange))
        .isInstanceOf(RetryableProviderException.class);
    assertThat(exchange.getProperties()).doesNotContainKeys("after", "found");
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 405, 501})
  void uploadsAgainWithoutAList(int status) {
    answer(status, "{}");

    openai.readListFiles(PART, exchange);

    assertThat(openai.morePages(null, exchange.getProperty("after", String.class))).isFalse();
    assertThat(exchange.getProperty("found")).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 402, 403})
  void treatsARefusedKeyAsNoAnswer(int status) {
    clock.advance(GRACE.multipliedBy(100));
    for (Consumer<Exchange> call : everyCall()) {
      answer(status, "{}");

      assertThatThrownBy(() -> call.accept(exchange)).isInstanceOf(AccessRefusedException.class);
      assertThat(exchange.getProperties()).doesNotContainKeys("after", "found", "batch");
    }
  }

  private List<Consumer<Exchange>> everyCall() {
    return List.of(
        e -> openai.readUpload(PART, e),
        e -> openai.readCreate(PART, e),
        e -> openai.readListFiles(PART, e),
        e -> openai.readListBatches(PART, e),
        e -> openai.readBatch(PART, e),
        e -> openai.readCancel(PART, e),
        e -> openai.readFileSize(PART, e));
  }

  @Test
  void waitsWhenFilesCannotBeListedForNow() {
    answer(400, "{}");

    assertThatThrownBy(() -> openai.readListFiles(PART, exchange))
        .isInstanceOf(RetryableProviderException.class);
  }

  @Test
  void retriesWhileANewBatchIsNotFound() {
    clock.advance(GRACE.minusMillis(1));
    answer(404, "{}");

    assertThatThrownBy(() -> openai.readBatch(PART, exchange))
        .isInstanceOf(RetryableProviderException.class);
  }

  @Test
  void failsABatchThatItsProviderForgot() {
    clock.advance(GRACE);
    answer(404, "{\"error\": {\"message\": \"No batch found\"}}");

    openai.readBatch(PART, exchange);

    Batch batch = exchange.getProperty("batch", Batch.class);
    assertThat(batch.status()).isEqualTo(BatchStatus.FAILED);
    assertThat(batch.errors().getFirst().code()).isEqualTo("batch_not_found");
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 404})
  void waitsForTheKeyThatCreatedTheBatch(int status) {
    clock.advance(GRACE);
    answer(status, "{\"error\": {\"message\": \"No batch found\"}}");

    assertThatThrownBy(() ->
            openai.readBatch(
                PART.with(b -> b.submission(b.submission().withKeyAlias("0a1b2c3d"))), exchange))
        .isInstanceOf(RetryableProviderException.class)
        .hasMessageContaining("another key (0a1b2c3d");
  }

  @Test
  void keepsTheBatchWhenItsStatusIsRefused() {
    clock.advance(GRACE.multipliedBy(100));
    answer(400, "{}");

    assertThatThrownBy(() -> openai.readBatch(PART, exchange))
        .isInstanceOf(RetryableProviderException.class);
  }

  private void answer(int status, String body) {
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
    exchange.getMessage().setBody(body);
  }

  private static Provider provider(String key, String project) {
    return new Provider(
        "openai",
        URI.create("http://127.0.0.1:1/v1"),
        key,
        "OPENAI_API_KEY",
        "",
        null,
        "",
        "org-1",
        project,
        Set.of("/v1/chat/completions"),
        50_000,
        DataSize.ofMegabytes(200),
        50_000,
        1_000,
        null,
        Duration.ofSeconds(30),
        "Authorization",
        "",
        1,
        false,
        DataSize.ofBytes(0),
        Quirks.NONE,
        Synchronous.PLAIN,
        Map.of());
  }
}
