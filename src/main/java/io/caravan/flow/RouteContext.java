package io.caravan.flow;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.impl.engine.DefaultInjector;
import org.apache.camel.spi.Injector;
import org.apache.camel.spi.Registry;
import org.apache.camel.spi.StreamCachingStrategy;
import org.apache.camel.spring.boot.CamelSpringBootApplicationController;
import org.apache.camel.spring.boot.SpringBootCamelContext;
import org.apache.camel.spring.spi.ApplicationContextBeanRepository;
import org.apache.camel.support.DefaultRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;

/**
 * The Camel context of the routes. Components, data formats and beans of route files get beans that
 * route files declare or name, never one of Caravan's own because its type fits, such as the
 * database of the store (decision 0038).
 */
final class RouteContext extends SpringBootCamelContext {
  RouteContext(
      ApplicationContext application,
      boolean warnOnEarlyShutdown,
      CamelSpringBootApplicationController controller) {
    super(application, warnOnEarlyShutdown, controller);
  }

  @Override
  protected Registry createRegistry() {
    return new Beans(getApplicationContext());
  }

  /** Creates the objects that routes name; Spring's would pass its own beans to constructors. */
  @Override
  protected Injector createInjector() {
    return new DefaultInjector(this);
  }

  /** Is enabled although the routes that use it are added after the start. */
  @Override
  protected StreamCachingStrategy createStreamCachingStrategy() {
    StreamCachingStrategy strategy = super.createStreamCachingStrategy();
    strategy.setEnabled(true);
    return strategy;
  }

  /** The beans of the route files, and by name also those of Caravan. */
  private static final class Beans extends DefaultRegistry {
    private static final int MOST_READS = 1000;

    private final ApplicationContext application;

    Beans(ApplicationContext application) {
      super(new OwnBeans(application));
      this.application = application;
    }

    @Override
    public void bind(
        String id,
        Class<?> type,
        Object bean,
        @Nullable String initMethod,
        @Nullable String destroyMethod) {
      super.bind(free(id), type, bean, initMethod, destroyMethod);
    }

    @Override
    public void bind(String id, Class<?> type, Supplier<Object> bean) {
      super.bind(free(id), type, bean);
    }

    @Override
    public void bind(
        String id,
        Class<?> type,
        Supplier<Object> bean,
        @Nullable String initMethod,
        @Nullable String destroyMethod) {
      super.bind(free(id), type, bean, initMethod, destroyMethod);
    }

    @Override
    public <T> Map<String, T> findByTypeWithName(Class<T> type) {
      return retried(() -> super.findByTypeWithName(type));
    }

    @Override
    public <T> Set<T> findByType(Class<T> type) {
      return retried(() -> super.findByType(type));
    }

    /** Camel keeps the beans of route files in a map that fails readers while a file is loaded. */
    private static <R> R retried(Supplier<R> read) {
      for (int i = 1; i < MOST_READS; i++) {
        try {
          return read.get();
        } catch (ConcurrentModificationException e) {
          Thread.onSpinWait();
        }
      }
      return read.get();
    }

    /** Routes would get Caravan's bean instead of theirs. */
    private String free(String id) {
      if (application.containsBean(id)) {
        throw new IllegalArgumentException(
            "Caravan has a bean named \"%1$s\". Give yours another name, such as \"my-%1$s\"."
                .formatted(id));
      }
      return id;
    }
  }

  /** Caravan's beans: found by name, and by type only if the type is one for this purpose. */
  private static final class OwnBeans extends ApplicationContextBeanRepository {
    private static final List<String> OFFERED =
        List.of("org.apache.camel.", "io.caravan.", "jakarta.jms.", "org.springframework.amqp.");

    OwnBeans(ApplicationContext application) {
      super(application);
    }

    @Override
    public <T> Set<T> findByType(Class<T> type) {
      return isOffered(type) ? super.findByType(type) : Set.of();
    }

    @Override
    public <T> Map<String, T> findByTypeWithName(Class<T> type) {
      return isOffered(type) ? super.findByTypeWithName(type) : Map.of();
    }

    @Override
    public <T> @Nullable T findSingleByType(Class<T> type) {
      return isOffered(type) ? super.findSingleByType(type) : null;
    }

    /**
     * Camel's extension points, Caravan's own types, the metrics, which have one page, and the
     * connections to brokers, which Spring Boot makes only if their clients are added for routes.
     */
    private static boolean isOffered(Class<?> type) {
      return type == MeterRegistry.class || OFFERED.stream().anyMatch(type.getName()::startsWith);
    }
  }
}
