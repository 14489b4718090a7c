package io.caravan.flow.live;

import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** The types of the beans that routes can name. */
public final class BeanTypes {
  private BeanTypes() {}

  /** Reads them without creating beans. */
  public static Map<String, Class<?>> of(ConfigurableListableBeanFactory beans) {
    var types = new HashMap<String, Class<?>>();
    for (String name : beans.getBeanNamesForType(Object.class, true, false)) {
      Class<?> type = beans.getType(name, false);
      types.put(name, type == null ? Object.class : type);
    }
    return types;
  }
}
