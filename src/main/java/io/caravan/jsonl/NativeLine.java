package io.caravan.jsonl;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Lines as other providers' own batch APIs take them. A whole request is made of one by its native
 * endpoint, which the provider alone takes, and its content stays as it is.
 */
enum NativeLine {
  /** Anthropic's Message Batches: {@code {"custom_id": …, "params": {…}}}. */
  MESSAGE("params", "/v1/messages");

  private final String member;
  private final String endpoint;

  NativeLine(String member, String endpoint) {
    this.member = member;
    this.endpoint = endpoint;
  }

  /** Whether an object of that name makes a line native. */
  static boolean isMember(String name) {
    return Stream.of(values()).anyMatch(line -> line.member.equals(name));
  }

  /** The whole request, unless the row is one of prompts, messages or inputs. */
  static Optional<ObjectNode> request(ObjectNode row, long line) {
    return RequestBuilder.CONTENT.stream().anyMatch(row::has)
        ? Optional.empty()
        : Stream.of(values())
            .filter(form -> row.path(form.member).isObject())
            .findFirst()
            .map(form -> form.requestOf(row, line));
  }

  private ObjectNode requestOf(ObjectNode row, long line) {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    request.put("custom_id", RequestBuilder.customId(row, line)).put("method", "POST");
    request.put("url", endpoint).set("body", row.path(member));
    return request;
  }
}
