package io.caravan.server;

import io.caravan.client.ApiKeys;
import io.caravan.client.Clients;
import io.caravan.client.RateLimit;
import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import io.caravan.server.api.Access;
import io.caravan.server.api.AnswerHeaders;
import io.caravan.server.api.BatchOrders;
import io.caravan.server.api.ErrorAnswers;
import io.caravan.server.api.JsonBody;
import io.caravan.server.run.BackendQueues;
import io.caravan.server.run.Backends;
import io.caravan.server.run.BatchRuns;
import io.caravan.server.run.Cleaning;
import io.caravan.server.run.DirectRequests;
import io.caravan.server.run.Dispatcher;
import io.caravan.server.run.Publication;
import io.caravan.server.run.Router;
import io.caravan.server.settings.ServerSettings;
import io.caravan.server.settings.UpstreamSettings;
import io.caravan.server.store.Batches;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.store.Permits;
import io.caravan.server.store.ServerStores;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.store.Uploads;
import io.caravan.server.store.folder.DirectoryLock;
import io.caravan.workspace.FurtherStorage;
import io.caravan.workspace.WorkspaceStorage;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.autoconfigure.web.servlet.MultipartProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** The beans of the embedded server. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "caravan.server.enabled", havingValue = "true")
@EnableConfigurationProperties({Clients.class, ServerSettings.class, UpstreamSettings.class})
class ServerConfiguration {
  private static final String PATHS = "/v1/*";

  private final ServerSettings settings;
  private final Clock clock;

  ServerConfiguration(ServerSettings settings, ObjectProvider<Clock> clock) {
    this.settings = settings;
    this.clock = clock.getIfAvailable(Clock::systemUTC);
  }

  /** Replicas may share a data folder; each then locks a subfolder of its own. */
  @Bean
  DirectoryLock serverDirectoryLock(Database database) throws IOException {
    return switch (database) {
      case SQLITE -> new DirectoryLock(settings.directory());
      case POSTGRESQL -> DirectoryLock.firstFree(settings.directory());
    };
  }

  @Bean
  WorkspaceStorage serverStorage(FurtherStorage further, DirectoryLock lock) throws IOException {
    return further.open("server", settings.directory().resolve("content"));
  }

  @Bean
  @DependsOnDatabaseInitialization
  ServerStores serverStores(
      DirectoryLock lock,
      DataSource source,
      Database database,
      Replica replica,
      WorkspaceStorage storage,
      @Value("${caravan.database.lease}") Duration lease)
      throws IOException {
    return ServerStores.open(source, database, replica, storage, lock.directory(), lease, clock);
  }

  @Bean
  DiskQuota serverQuota(ServerStores stores, DirectoryLock lock) throws IOException {
    return new DiskQuota(stores.size(), settings.maxDisk().toBytes(), lock.directory());
  }

  @Bean
  Cleaning serverCleaning(StoredFiles files, Uploads uploads, Batches batches, DiskQuota quota) {
    return new Cleaning(files, uploads, batches, quota, settings, clock);
  }

  @Bean
  StoredFiles serverFiles(ServerStores stores) {
    return stores.files();
  }

  @Bean
  Uploads serverUploads(ServerStores stores) {
    return stores.uploads();
  }

  @Bean
  Batches serverBatches(ServerStores stores) {
    return stores.batches();
  }

  @Bean
  Backends serverBackends(UpstreamSettings upstream, MeterRegistry meters) {
    return Backends.find(settings, upstream, clock, meters);
  }

  @Bean
  BackendQueues serverLanes(Backends backends) {
    return new BackendQueues(new Router(backends), settings.share(clock));
  }

  @Bean
  Dispatcher serverDispatcher(BackendQueues lanes, MeterRegistry meters) {
    return new Dispatcher(lanes, meters);
  }

  @Bean
  Permits serverPermits(Clients clients) {
    return new Permits(clients);
  }

  @Bean
  BatchOrders serverBatchOrders(
      StoredFiles files,
      ObjectProvider<OtherProviders> others,
      DiskQuota quota,
      Permits permits,
      MultipartProperties multipart) {
    return new BatchOrders(
        files, orNone(others), settings, quota, permits, multipart.getMaxFileSize().toBytes());
  }

  @Bean
  BatchRuns serverBatchRuns(
      Batches batches,
      StoredFiles files,
      Dispatcher dispatcher,
      DiskQuota quota,
      Permits permits,
      ObjectProvider<OtherProviders> others) {
    var publication = new Publication(files, settings.fileRetention());
    return new BatchRuns(
        batches, publication, dispatcher, settings, quota, permits, orNone(others), clock);
  }

  private static OtherProviders orNone(ObjectProvider<OtherProviders> others) {
    return others.getIfAvailable(() -> OtherProviders.NONE);
  }

  @Bean
  DirectRequests serverDirectRequests(Dispatcher dispatcher) {
    return new DirectRequests(dispatcher);
  }

  @Bean
  JsonBody serverJsonBody() {
    return new JsonBody(settings.maxLineBytes());
  }

  @Bean
  ErrorAnswers serverErrorAnswers() {
    return new ErrorAnswers();
  }

  @Bean
  FilterRegistrationBean<AnswerHeaders> serverAnswerHeaders() {
    var filter = new FilterRegistrationBean<>(new AnswerHeaders());
    filter.addUrlPatterns(PATHS);
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return filter;
  }

  /** Counts the calls of all paths. */
  @Bean
  RateLimit serverRateLimit() {
    return new RateLimit(settings.maxRequestsPerMinute(), clock);
  }

  /** Runs before every filter that reads a body. */
  @Bean
  FilterRegistrationBean<Access> serverAccess(
      ServerProperties web, Clients clients, RateLimit limit, DiskQuota quota) {
    ApiKeys keys = new ApiKeys(settings.ownKey(), settings.keys());
    keys.checkNames(clients.limits().keySet());
    LoopbackWithoutKeys.check(web.getAddress(), keys, settings.open());
    var filter = new FilterRegistrationBean<>(new Access(keys, limit, quota));
    filter.addUrlPatterns(PATHS);
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return filter;
  }
}
