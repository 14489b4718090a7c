package io.caravan.server.embedding;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import io.caravan.call.Call;
import io.caravan.server.backend.Backend;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.BackendAnswer.Answered;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.Json;
import io.caravan.server.wire.JsonBytes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Computes embeddings with a model in this JVM, on one thread per core. */
public final class LocalEmbeddings implements Backend, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalEmbeddings.class);
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  /** Joining saves little here, and joined requests can only be cancelled together. */
  private static final int MOST_JOINED = 8;

  private final String name;
  private final Lazy<EmbeddingModel> model;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          CORES, Thread.ofPlatform().daemon().name("caravan-embeddings-", 0).factory());

  public LocalEmbeddings(String name, Supplier<EmbeddingModel> loader) {
    this.name = name;
    this.model = new Lazy<>(() -> load(loader));
  }

  private EmbeddingModel load(Supplier<EmbeddingModel> loader) {
    try {
      return loader.get();
    } catch (LinkageError | RuntimeException e) {
      log.error("The embedding model {} cannot be loaded", name, e);
      String message =
          "The embedding model '%s' cannot be loaded; the log has the cause. Set CARAVAN_UPSTREAM_URL to a server that has the model."
              .formatted(name);
      throw new ApiException(500, ApiError.server(message, "model_unavailable"));
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int concurrency() {
    return CORES;
  }

  @Override
  public int mostJoined() {
    return MOST_JOINED;
  }

  @Override
  public void joinNoMore() {
    // the local model always accepts arrays
  }

  @Override
  public CompletableFuture<BackendAnswer> answer(Endpoint endpoint, JsonBytes body, Call call) {
    return CompletableFuture.supplyAsync(() -> embedOrRefuse(body, call), threads);
  }

  private BackendAnswer embedOrRefuse(JsonBytes body, Call call) {
    try {
      EmbeddingInput input = EmbeddingInput.parse(body.toTree(), model.get().dimension());
      return new Answered(200, IdKind.REQUEST.nextOfMany(), JsonBytes.of(embed(input, call)));
    } catch (ApiException e) {
      return BackendAnswer.refused(e);
    }
  }

  private ObjectNode embed(EmbeddingInput input, Call call) {
    ObjectNode answer = Json.MAPPER.createObjectNode().put("object", "list");
    ArrayNode data = answer.putArray("data");
    int tokens = 0;
    for (String text : input.texts()) {
      call.check();
      Response<List<Embedding>> response = embed(text);
      int used =
          Optional.ofNullable(response.tokenUsage()).map(TokenUsage::inputTokenCount).orElse(0);
      input.checkTokens(data.size(), used);
      tokens += used;
      float[] vector = response.content().getFirst().vector();
      data.addObject()
          .put("object", "embedding")
          .put("index", data.size() - 1)
          .set("embedding", input.encode(vector));
    }
    answer.put("model", name);
    answer.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    return answer;
  }

  /** Embeds one text at a time: for several, the model would start its own threads. */
  private Response<List<Embedding>> embed(String text) {
    try {
      return model.get().embedAll(List.of(TextSegment.from(text)));
    } catch (IllegalArgumentException e) {
      throw EmbeddingInput.empty(); // no tokens, for example only control characters
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
