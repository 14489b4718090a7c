package io.caravan.queue.api;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.springframework.http.MediaType;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The OpenAPI document of the paths below {@code /batch} and {@code /v1}. */
@RestController
class OpenApiController {
  private static final String FILE = "/openapi/openapi.yaml";

  private final SingletonSupplier<byte[]> document = SingletonSupplier.of(OpenApiController::read);

  @GetMapping(path = Problems.PATH + "/openapi.json", produces = MediaType.APPLICATION_JSON_VALUE)
  byte[] document() {
    return document.obtain();
  }

  private static byte[] read() {
    try (InputStream in =
        Objects.requireNonNull(OpenApiController.class.getResourceAsStream(FILE))) {
      Object yaml = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
      return new JsonMapper().writeValueAsBytes(yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
