package io.caravan.queue.store;

import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import io.caravan.queue.QueueSettings;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The beans that read and write queued requests. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(QueueSettings.class)
class QueueStoreConfiguration {
  @Bean
  @DependsOnDatabaseInitialization
  RequestStore requestStore(
      JdbcClient jdbc, TransactionTemplate transactions, CallbackStore callbacks, Clock clock) {
    return new RequestStore(jdbc, transactions, callbacks, clock);
  }

  @Bean
  @DependsOnDatabaseInitialization
  CallbackStore callbackStore(
      JdbcClient jdbc,
      JdbcOperations batches,
      TransactionTemplate transactions,
      Database database,
      Replica replica,
      Clock clock) {
    return new CallbackStore(jdbc, batches, transactions, database, replica, clock);
  }

  @Bean
  Additions queueAdditions(RequestStore store) {
    return new Additions(store);
  }

  @Bean
  @DependsOnDatabaseInitialization
  QueueJobs queueJobs(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      Database database,
      Replica replica,
      Clock clock) {
    return new QueueJobs(jdbc, transactions, database, replica, clock);
  }

  @Bean
  @DependsOnDatabaseInitialization
  CallbackList callbackList(
      JdbcClient jdbc, TransactionTemplate transactions, Database database, Clock clock) {
    return new CallbackList(jdbc, transactions, database, clock);
  }

  @Bean
  @DependsOnDatabaseInitialization
  OutcomeStore outcomeStore(
      JdbcClient jdbc,
      JdbcOperations batches,
      TransactionTemplate transactions,
      CallbackStore callbacks,
      Clock clock) {
    return new OutcomeStore(jdbc, batches, transactions, callbacks, clock);
  }

  @Bean
  @DependsOnDatabaseInitialization
  EndedStore endedStore(JdbcClient jdbc) {
    return new EndedStore(jdbc);
  }
}
