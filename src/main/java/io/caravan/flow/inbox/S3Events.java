package io.caravan.flow.inbox;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Parses S3 event notifications. */
@Component
class S3Events {
  private static final Logger LOG = LoggerFactory.getLogger(S3Events.class);
  private static final JsonMapper JSON = new JsonMapper();

  /** The location of a new object. */
  record Created(String bucket, String key) {}

  /** New objects; empty for other events, S3's test event and other messages. */
  List<Created> created(@Nullable String message) {
    JsonNode read;
    try {
      read = JSON.readTree(String.valueOf(message));
    } catch (JacksonException e) {
      read = JSON.missingNode();
    }
    JsonNode records = read.path("Records");
    if (!records.isArray() && !read.path("Event").asText().equals("s3:TestEvent")) {
      LOG.warn(
          "ignored a message of the queue that is not an S3 event. Send only S3 events there.");
    }
    return StreamSupport.stream(records.spliterator(), false)
        .filter(event -> event.path("eventName").asText().startsWith("ObjectCreated:"))
        .map(event -> event.path("s3"))
        .map(s3 ->
            new Created(
                s3.path("bucket").path("name").asText(),
                decode(s3.path("object").path("key").asText())))
        .toList();
  }

  private static String decode(String key) {
    try {
      return URLDecoder.decode(key, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return key; // the store does not encode keys
    }
  }
}
