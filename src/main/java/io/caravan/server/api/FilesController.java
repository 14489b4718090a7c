package io.caravan.server.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.server.settings.ServerSettings;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.FileForm;
import io.caravan.server.store.Listing;
import io.caravan.server.store.Owner;
import io.caravan.server.store.Page;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.Limits;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRange;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

/** OpenAI's Files API. */
@ServerController
@RequestMapping("/v1/files")
class FilesController {
  private static final int MAX_LIMIT = 10_000;
  private static final Set<String> ORDERS = Set.of("asc", "desc");

  private final StoredFiles files;
  private final ServerSettings settings;
  private final DiskQuota quota;

  FilesController(StoredFiles files, ServerSettings settings, DiskQuota quota) {
    this.files = files;
    this.settings = settings;
    this.quota = quota;
  }

  @PostMapping
  FileObject upload(HttpServletRequest request) throws IOException {
    var multipart = WebUtils.getNativeRequest(request, MultipartHttpServletRequest.class);
    if (multipart == null) {
      throw new MultipartException("not multipart");
    }
    FileForm form = FileForm.of(multipart);
    quota.require(form.part().getSize());
    return FileObject.of(
        files.add(
            IdKind.FILE.next(),
            Owner.of(request),
            form.filename(),
            form.purpose(),
            settings.lifetime(form.purpose(), form.expiry().orElse(null)),
            // transferTo(File) renames, transferTo(Path) copies
            target -> form.part().transferTo(target.toFile())));
  }

  @GetMapping
  Page<FileObject> list(
      HttpServletRequest request,
      @RequestParam(required = false) @Nullable String purpose,
      @RequestParam(defaultValue = "" + MAX_LIMIT) int limit,
      @RequestParam(defaultValue = "desc") String order,
      @RequestParam(required = false) @Nullable String after) {
    Limits.check("limit", limit, MAX_LIMIT);
    if (!ORDERS.contains(order)) {
      throw ApiException.invalid(
          "Invalid value: '%s'. Supported values are: 'asc' and 'desc'.".formatted(order),
          "order",
          "invalid_value");
    }
    var listing = new Listing(Owner.of(request), purpose, after, limit, !order.equals("asc"));
    return files.list(listing).map(FileObject::of).withIds();
  }

  @GetMapping("/{id}")
  FileObject retrieve(@PathVariable String id, HttpServletRequest request) {
    return FileObject.of(find(id, request));
  }

  @DeleteMapping("/{id}")
  FileObject.Deleted delete(@PathVariable String id, HttpServletRequest request) {
    quota.give(find(id, request).bytes());
    return new FileObject.Deleted(id, "file", files.delete(id));
  }

  /** The content of a file never changes, so its id is the ETag. */
  @GetMapping("/{id}/content")
  ResponseEntity<Resource> content(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_RANGE, required = false) @Nullable String ifRange,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    StoredFile file = find(id, request);
    var disposition = ContentDisposition.attachment().filename(file.filename(), UTF_8).build();
    String tag = '"' + id + '"';
    Resource resource = files.content(file);
    boolean whole = ifRange != null && !ifRange.equals(tag);
    if (!whole) {
      checkRange(request.getHeader(HttpHeaders.RANGE), resource, response);
    }
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .contentLength(file.bytes())
        .eTag(tag)
        .header(HttpHeaders.CONTENT_DISPOSITION, disposition.toString())
        .body(whole ? stream(resource) : resource);
  }

  /** Rejects invalid ranges, for which Spring would answer 416 with the whole file. */
  private static void checkRange(
      @Nullable String range, Resource resource, HttpServletResponse response) throws IOException {
    try {
      HttpRange.toResourceRegions(HttpRange.parseRanges(range), resource);
    } catch (IllegalArgumentException e) {
      response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + resource.contentLength());
      throw new ApiException(
          416,
          ApiError.invalidRequest(
              "The file has only %d bytes, or the range is invalid."
                  .formatted(resource.contentLength()),
              null,
              null));
    }
  }

  /** A stream, of which Spring serves no ranges. */
  private static Resource stream(Resource resource) throws IOException {
    return new InputStreamResource(resource.getInputStream());
  }

  private StoredFile find(String id, HttpServletRequest request) {
    return (IdKind.FILE.matches(id) ? files.find(id) : Optional.<StoredFile>empty())
        .filter(file -> file.owner().equals(Owner.of(request)))
        .orElseThrow(() -> ApiException.notFound("No such File object: " + id, "id"));
  }
}
