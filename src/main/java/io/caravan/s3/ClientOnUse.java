package io.caravan.s3;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/** An S3 client that is created on first use, so that routes can start without a region. */
final class ClientOnUse implements InvocationHandler {
  private final Supplier<S3Client> maker;
  private @Nullable S3Client client;

  private ClientOnUse(Supplier<S3Client> maker) {
    this.maker = maker;
  }

  static S3Client of(Supplier<S3Client> maker) {
    return (S3Client)
        Proxy.newProxyInstance(
            S3Client.class.getClassLoader(),
            new Class<?>[] {S3Client.class},
            new ClientOnUse(maker));
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // two proxies are never equal
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (method.getName().equals("equals") && arguments != null) {
      return proxy == arguments[0];
    }
    if (method.getDeclaringClass() == Object.class) {
      return method.invoke(this, arguments);
    }
    if (method.getName().equals("close") && !isMade()) {
      return null;
    }
    try {
      return method.invoke(client(), arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private synchronized boolean isMade() {
    return client != null;
  }

  private synchronized S3Client client() {
    S3Client made = client;
    if (made == null) {
      made = maker.get();
      client = made;
    }
    return made;
  }
}
