package io.caravan.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.server.settings.ServerSettings;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.Owner;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.store.Upload;
import io.caravan.server.store.Upload.Status;
import io.caravan.server.store.UploadForm;
import io.caravan.server.store.Uploads;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.IdKind;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

/** OpenAI's Uploads API: files uploaded in parts. */
@ServerController
@RequestMapping("/v1/uploads")
class UploadsController {
  /** OpenAI's size limit of a part. */
  private static final long MAX_PART = 64L << 20;

  private final Uploads uploads;
  private final StoredFiles files;
  private final ServerSettings settings;
  private final DiskQuota quota;
  private final JsonBody bodies;

  UploadsController(
      Uploads uploads,
      StoredFiles files,
      ServerSettings settings,
      DiskQuota quota,
      JsonBody bodies) {
    this.uploads = uploads;
    this.files = files;
    this.settings = settings;
    this.quota = quota;
    this.bodies = bodies;
  }

  @PostMapping
  UploadObject create(HttpServletRequest request) throws IOException {
    UploadForm form = UploadForm.parse(bodies.read(request));
    return shape(
        uploads.create(
            Owner.of(request), form, settings.lifetime(form.purpose(), form.expiresAfter())));
  }

  @PostMapping("/{id}/parts")
  UploadObject.Part addPart(@PathVariable String id, HttpServletRequest request)
      throws IOException, ServletException {
    Upload upload = pending(id, request);
    Part data = data(request);
    long received = uploads.received(upload) + data.getSize();
    if (received > upload.bytes()) {
      throw ApiException.invalid(
          "With this part, the upload would have %d bytes instead of %d."
              .formatted(received, upload.bytes()),
          "data",
          "invalid_value");
    }
    quota.require(data.getSize());
    return UploadObject.Part.of(uploads.addPart(upload, target -> data.write(target.toString())));
  }

  @PostMapping("/{id}/complete")
  UploadObject complete(@PathVariable String id, HttpServletRequest request) throws IOException {
    JsonNode body = bodies.read(request);
    Upload upload = pending(id, request);
    List<String> parts = partIds(body.path("part_ids"));
    long bytes = 0;
    for (String part : parts) {
      bytes +=
          uploads
              .size(upload, part)
              .orElseThrow(
                  () -> ApiException.invalid("No such part: " + part, "part_ids", "invalid_value"));
    }
    if (bytes != upload.bytes()) {
      throw ApiException.invalid(
          "The parts have %d bytes, but the upload must have %d.".formatted(bytes, upload.bytes()),
          "part_ids",
          "invalid_value");
    }
    quota.requireDisk(bytes); // until the parts are deleted
    return shape(uploads.complete(upload, parts, body.path("md5").textValue()));
  }

  @PostMapping("/{id}/cancel")
  UploadObject cancel(@PathVariable String id, HttpServletRequest request) throws IOException {
    Upload upload = pending(id, request);
    quota.give(uploads.received(upload));
    return shape(uploads.cancel(upload));
  }

  private UploadObject shape(Upload upload) {
    @Nullable String file = upload.fileId();
    return UploadObject.of(upload, file == null ? Optional.empty() : files.find(file));
  }

  private Upload pending(String id, HttpServletRequest request) throws IOException {
    Upload upload =
        (IdKind.UPLOAD.matches(id) ? uploads.find(id) : Optional.<Upload>empty())
            .filter(found -> found.owner().equals(Owner.of(request)))
            .orElseThrow(() -> ApiException.notFound("No such Upload object: " + id, "id"));
    if (upload.status() != Status.PENDING) {
      throw ApiException.invalid(
          "The upload %s is %s. Create another one."
              .formatted(id, upload.status().name().toLowerCase(Locale.ROOT)),
          "id",
          null);
    }
    return upload;
  }

  /** Some clients omit the file name of the part; Tomcat limits such parts to 2 MB. */
  private static Part data(HttpServletRequest request) throws IOException, ServletException {
    if (WebUtils.getNativeRequest(request, MultipartHttpServletRequest.class) == null) {
      throw new MultipartException("not multipart");
    }
    Part data = request.getPart("data");
    if (data == null) {
      throw ApiException.missing("data");
    }
    if (data.getSize() < 1 || data.getSize() > MAX_PART) {
      throw ApiException.invalid(
          "A part must have 1 to %d bytes.".formatted(MAX_PART), "data", "invalid_value");
    }
    return data;
  }

  private static List<String> partIds(JsonNode ids) {
    if (!ids.isArray() || ids.isEmpty()) {
      throw ApiException.missing("part_ids");
    }
    List<String> parts =
        StreamSupport.stream(ids.spliterator(), false).map(JsonNode::asText).toList();
    if (parts.stream().distinct().count() < parts.size()) {
      throw ApiException.invalid("A part occurs twice in 'part_ids'.", "part_ids", "invalid_value");
    }
    return parts;
  }
}
