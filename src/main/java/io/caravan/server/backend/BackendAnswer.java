package io.caravan.server.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.Json;
import io.caravan.server.wire.JsonBytes;
import java.io.IOException;
import java.io.OutputStream;

/** The outcome of one request. */
public sealed interface BackendAnswer {

  boolean succeeded();

  /** Writes the line of an output or error file, including the line break. */
  void writeLine(String customId, OutputStream out) throws IOException;

  static BackendAnswer refused(ApiException e) {
    return new Answered(e.status(), IdKind.REQUEST.nextOfMany(), JsonBytes.of(e.error().toJson()));
  }

  /** An HTTP response, successful or not. */
  public record Answered(int status, String requestId, JsonBytes body) implements BackendAnswer {
    @Override
    public boolean succeeded() {
      return status >= 200 && status < 300;
    }

    @Override
    public void writeLine(String customId, OutputStream out) throws IOException {
      String id = IdKind.LINE.nextOfMany();
      String head = "{\"id\":\"" + id + "\",\"custom_id\":" + Json.quote(customId);
      String response = ",\"response\":{\"status_code\":" + status + ",\"request_id\":";
      out.write((head + response + Json.quote(requestId) + ",\"body\":").getBytes(UTF_8));
      body.writeTo(out);
      out.write("},\"error\":null}\n".getBytes(UTF_8));
    }
  }

  /** No HTTP response was received; says why. */
  public record NotRun(String code, String message) implements BackendAnswer {
    @Override
    public boolean succeeded() {
      return false;
    }

    @Override
    public void writeLine(String customId, OutputStream out) throws IOException {
      ObjectNode line =
          Json.MAPPER
              .createObjectNode()
              .put("id", IdKind.LINE.nextOfMany())
              .put("custom_id", customId)
              .putNull("response");
      line.putObject("error").put("code", code).put("message", message);
      out.write(Json.MAPPER.writeValueAsBytes(line));
      out.write('\n');
    }
  }
}
