package io.caravan.s3;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Lets a test act just before a request is sent; AWS's client finds this class by its name. */
public final class S3Moment implements ExecutionInterceptor {
  private static final Map<String, Runnable> ACTIONS = new ConcurrentHashMap<>();

  /** Runs the action once, before the next request of that type for the key. */
  public static void before(Class<? extends SdkRequest> request, String key, Runnable action) {
    ACTIONS.put(request.getSimpleName() + " " + key, action);
  }

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    SdkRequest request = context.request();
    request.getValueForField("Key", String.class).stream()
        .map(key -> ACTIONS.remove(request.getClass().getSimpleName() + " " + key))
        .filter(Objects::nonNull)
        .forEach(Runnable::run);
  }
}
