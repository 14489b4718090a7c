package io.caravan.server.embedding;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.spi.model.embedding.EmbeddingModelFactory;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/** Finds the embedding model on the class path, without loading it. */
public final class EmbeddingModels {
  private EmbeddingModels() {}

  public static Optional<Supplier<EmbeddingModel>> find() {
    return ServiceLoader.load(EmbeddingModelFactory.class, EmbeddingModels.class.getClassLoader())
        .stream()
        .findFirst()
        .map(provider -> () -> create(provider));
  }

  /** Models load their resources through the thread's context class loader. */
  private static EmbeddingModel create(ServiceLoader.Provider<EmbeddingModelFactory> provider) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(new WholeTexts(EmbeddingModels.class.getClassLoader()));
    try {
      return provider.get().create();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
