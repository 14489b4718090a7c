package io.caravan.server;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Puts the embedded server together. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "caravan.server.enabled", havingValue = "true")
@EnableConfigurationProperties({ServerSettings.class, UpstreamSettings.class})
class ServerConfiguration {
  private static final String PATHS = "/v1/*";

  private final ServerSettings settings;
  private final Clock clock;

  ServerConfiguration(ServerSettings settings, ObjectProvider<Clock> clock) {
    this.settings = settings;
    this.clock = clock.getIfAvailable(Clock::systemUTC);
  }

  @Bean
  DirectoryLock serverDirectoryLock(@Value("${caravan.database.url:}") String database)
      throws IOException {
    boolean oneOfSeveral =
        database.startsWith("jdbc:postgresql:"); // replicas share the data folder
    return oneOfSeveral
        ? DirectoryLock.firstFree(settings.directory())
        : new DirectoryLock(settings.directory());
  }

  @Bean
  DiskQuota serverQuota(DirectoryLock lock) throws IOException {
    return new DiskQuota(lock.directory(), settings.maxDisk().toBytes());
  }

  @Bean
  Cleaning serverCleaning(
      FileStore files, UploadStore uploads, BatchStore batches, DiskQuota quota) {
    return new Cleaning(files, uploads, batches, quota, settings, clock);
  }

  @Bean
  FileStore serverFiles(DirectoryLock lock) throws IOException {
    return new FileStore(lock.directory(), clock);
  }

  @Bean
  UploadStore serverUploads(DirectoryLock lock, FileStore files) throws IOException {
    return new UploadStore(lock.directory(), files, clock);
  }

  @Bean
  BatchStore serverBatches(DirectoryLock lock, FileStore files, DiskQuota quota)
      throws IOException {
    return new BatchStore(lock.directory(), files, quota, clock);
  }

  @Bean
  Backends serverBackends(UpstreamSettings upstream) {
    return Backends.find(settings, upstream, clock);
  }

  @Bean
  Dispatcher serverDispatcher(Backends backends, MeterRegistry meters) {
    return new Dispatcher(new Router(backends), meters);
  }

  @Bean
  BatchRuns serverBatchRuns(BatchStore batches, FileStore files, Dispatcher dispatcher) {
    var publication = new Publication(files, settings.fileRetention());
    return new BatchRuns(batches, publication, dispatcher, settings, clock);
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

  /** Before all that looks at a body. */
  @Bean
  FilterRegistrationBean<Access> serverAccess(ServerProperties web) {
    ApiKeys keys = new ApiKeys(settings);
    Reach.check(web.getAddress(), keys, settings.open());
    var filter =
        new FilterRegistrationBean<>(
            new Access(keys, new RateLimit(settings.maxRequestsPerMinute(), clock)));
    filter.addUrlPatterns(PATHS);
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return filter;
  }
}
