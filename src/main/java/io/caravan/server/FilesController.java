package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
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

  private final FileStore files;
  private final ServerSettings settings;
  private final DiskQuota quota;

  FilesController(FileStore files, ServerSettings settings, DiskQuota quota) {
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
            // Path would copy, File renames
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
    List<StoredFile> matching =
        files.all().stream()
            .filter(file -> file.owner().equals(Owner.of(request)))
            .filter(file -> purpose == null || purpose.equals(file.purpose()))
            .toList();
    List<StoredFile> ordered = order.equals("asc") ? matching : matching.reversed();
    return Page.of(ordered, StoredFile::id, after, limit, FileObject::of);
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

  @GetMapping("/{id}/content")
  ResponseEntity<Resource> content(@PathVariable String id, HttpServletRequest request) {
    StoredFile file = find(id, request);
    var disposition = ContentDisposition.attachment().filename(file.filename(), UTF_8).build();
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .header(HttpHeaders.CONTENT_DISPOSITION, disposition.toString())
        .body(new FileSystemResource(files.path(file)));
  }

  private StoredFile find(String id, HttpServletRequest request) {
    return (IdKind.FILE.matches(id) ? files.find(id) : Optional.<StoredFile>empty())
        .filter(file -> file.owner().equals(Owner.of(request)))
        .orElseThrow(() -> ApiException.notFound("No such File object: " + id, "id"));
  }
}
