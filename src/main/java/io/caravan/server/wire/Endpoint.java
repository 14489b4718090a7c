package io.caravan.server.wire;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The endpoints that a batch may use, with the body fields that each requires. */
public enum Endpoint {
  RESPONSES("/v1/responses", "model"),
  CHAT_COMPLETIONS("/v1/chat/completions", "model", "messages"),
  EMBEDDINGS("/v1/embeddings", "model", "input"),
  COMPLETIONS("/v1/completions", "model", "prompt"),
  MODERATIONS("/v1/moderations", "input"),
  IMAGES_GENERATIONS("/v1/images/generations", "prompt"),
  IMAGES_EDITS("/v1/images/edits", "prompt"),
  VIDEOS("/v1/videos", "prompt");

  private final String path;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> required;

  Endpoint(String path, String... required) {
    this.path = path;
    this.required = List.of(required);
  }

  public String path() {
    return path;
  }

  public List<String> required() {
    return required;
  }

  public static Optional<Endpoint> of(String path) {
    return Stream.of(values()).filter(endpoint -> endpoint.path.equals(path)).findFirst();
  }

  public static List<String> paths() {
    return Stream.of(values()).map(Endpoint::path).toList();
  }
}
