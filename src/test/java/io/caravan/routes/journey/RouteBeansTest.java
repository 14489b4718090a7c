package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravan.flow.Pipeline;
import io.caravan.routes.TestCaravan;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.validation.ValidatorFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ClassUtils;
import software.amazon.awssdk.services.s3.S3Client;

/** Tests which beans the components and beans of route files get without naming them. */
class RouteBeansTest {
  private static TestCaravan caravan;
  private static CamelContext camel;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    caravan = TestCaravan.in(folder).start();
    camel = caravan.application().getBean(CamelContext.class);
  }

  @AfterAll
  static void stop() {
    caravan.close();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        DataSource.class,
        TransactionManager.class,
        PlatformTransactionManager.class,
        TransactionTemplate.class,
        JdbcOperations.class,
        Executor.class,
        ObjectMapper.class,
        S3Client.class,
        ValidatorFactory.class,
        Clock.class
      })
  void areNotThoseOfCaravan(Class<?> type) {
    assertThat(caravan.application().getBeanNamesForType(type)).isNotEmpty();

    assertThat(camel.getRegistry().findSingleByType(type)).isNull();
    assertThat(camel.getRegistry().findByType(type)).isEmpty();
    assertThat(camel.getRegistry().findByTypeWithName(type)).isEmpty();
  }

  @Test
  void areNoneOfCaravanByAnyTypeFromElsewhere() {
    for (String name : caravan.application().getBeanDefinitionNames()) {
      Object bean = caravan.application().getBeanFactory().getSingleton(name);
      if (bean != null && !(bean instanceof MeterRegistry)) {
        assertThat(ClassUtils.getAllInterfaces(bean))
            .as(name)
            .filteredOn(RouteBeansTest::isFromElsewhere)
            .noneMatch(it -> isAmong(bean, camel.getRegistry().findByType(it)));
      }
    }
  }

  private static boolean isAmong(Object bean, Collection<?> beans) {
    var same = Collections.newSetFromMap(new IdentityHashMap<Object, Boolean>());
    same.addAll(beans);
    return same.contains(bean);
  }

  private static boolean isFromElsewhere(Class<?> type) {
    String name = type.getName();
    return !name.startsWith("org.apache.camel.") && !name.startsWith("io.caravan.");
  }

  @Test
  void includeTheMetrics() {
    assertThat(camel.getRegistry().findSingleByType(MeterRegistry.class))
        .isSameAs(caravan.application().getBean(MeterRegistry.class));
  }

  @Test
  void areThoseOfRouteFilesIfThereIsOneOfTheirType() {
    Registry registry = camel.getRegistry();
    var own = new DriverManagerDataSource("jdbc:sqlite::memory:");
    registry.bind("orders", own);
    try {
      assertThat(registry.findSingleByType(DataSource.class)).isSameAs(own);

      registry.bind("customers", new DriverManagerDataSource("jdbc:sqlite::memory:"));
      assertThat(registry.findSingleByType(DataSource.class)).isNull();
    } finally {
      registry.unbind("orders");
      registry.unbind("customers");
    }
  }

  @Test
  void areNotPassedToConstructors() {
    assertThat(camel.getInjector().newInstance(JdbcTemplate.class).getDataSource()).isNull();
  }

  @Test
  void mayBeNamed() {
    assertThat(camel.getRegistry().lookupByNameAndType("s3Client", S3Client.class)).isNotNull();
  }

  @Test
  void cannotHaveTheNameOfABeanOfCaravan(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("orders.camel.yaml"),
            """
            - beans:
                - name: dataSource
                  type: org.springframework.jdbc.datasource.DriverManagerDataSource
            """);

    assertThatThrownBy(() ->
            PluginHelper.getRoutesLoader(camel)
                .loadRoutes(
                    List.of(ResourceHelper.resolveMandatoryResource(camel, "file:" + file))))
        .hasRootCauseMessage(
            "Caravan has a bean named \"dataSource\". Give yours another name, such as \"my-dataSource\".");
  }

  @Test
  void areFoundWhileAFileIsLoaded() throws Exception {
    var enough = new AtomicBoolean();
    var loading =
        new FutureTask<>(
            () -> {
              for (int i = 0; !enough.get(); i = (i + 1) % 100) {
                camel.getRegistry().unbind("bean-" + i);
                camel.getRegistry().bind("bean-" + (i + 50) % 100, "bean");
              }
            },
            null);
    Thread.ofPlatform().start(loading);
    try {
      for (int i = 0; i < 5000; i++) {
        assertThat(camel.getRegistry().findByTypeWithName(Pipeline.class)).containsKey("default");
        assertThat(camel.getRegistry().findByType(Pipeline.class)).isNotEmpty();
      }
    } finally {
      enough.set(true);
      loading.get();
    }
    IntStream.range(0, 100).forEach(i -> camel.getRegistry().unbind("bean-" + i));
  }
}
