package io.caravan.flow.inbox;

import io.caravan.flow.AnotherReadsException;
import io.caravan.flow.FileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.file.FileConstants;
import org.jspecify.annotations.Nullable;

/**
 * A file as it lies in an inbox.
 *
 * @param path of what is a file; null of a message, and of an object, to which its inbox sees
 *     itself
 * @param source as the user knows it
 * @param name relative to the inbox
 * @param arrival the same when this very file is read again, other when its like is dropped anew
 * @param size bytes of it as it lies there; 0 when they are not known
 */
public record InboxFile(
    @Nullable Path path, String source, String name, String arrival, long size) {
  /** A header that says where a message comes from that is no file. */
  static final String SOURCE = "CaravanSource";

  /** A header that says by what such a message is known when it comes again. */
  static final String ARRIVAL = "CaravanArrival";

  /** A header that says how many bytes such a message brings. */
  static final String SIZE = "CaravanSize";

  /** A header that makes the same file another arrival, for who wants to pay again. */
  static final String AGAIN = "CaravanAgain";

  static InboxFile of(Message message) throws IOException {
    String absolute = message.getHeader(FileConstants.FILE_ABSOLUTE_PATH, "", String.class);
    String name = message.getHeader(Exchange.FILE_NAME, String.class);
    if (name == null || name.isBlank()) {
      name = "message-" + message.getExchange().getExchangeId() + ".jsonl";
    }
    String again = message.getHeader(AGAIN, "", String.class);
    String arrival = message.getHeader(ARRIVAL, String.class);
    if (arrival != null) {
      String source = message.getHeader(SOURCE, name, String.class);
      long size = message.getHeader(SIZE, 0L, Long.class);
      return new InboxFile(null, source, name, (arrival + " " + again).strip(), size);
    }
    if (absolute.isEmpty()) {
      String own = "message " + message.getExchange().getExchangeId();
      return new InboxFile(null, name, name, (own + " " + again).strip(), 0);
    }
    Path path = Path.of(absolute);
    if (!Files.exists(path)) {
      throw new AnotherReadsException(absolute); // it was there when it was listed
    }
    return of(path, name, again);
  }

  /** A file that a command names. */
  static InboxFile of(Path file, String again) throws IOException {
    Path path = file.toAbsolutePath();
    return of(path, String.valueOf(path.getFileName()), again);
  }

  private static InboxFile of(Path path, String name, String again) throws IOException {
    return new InboxFile(
        path, path.toString(), name, (arrival(path) + " " + again).strip(), Files.size(path));
  }

  private static String arrival(Path path) throws IOException {
    var attributes = Files.readAttributes(path, BasicFileAttributes.class);
    return "%s %s %d %d"
        .formatted(path, attributes.fileKey(), moved(path).toMillis(), attributes.size());
  }

  /** When the file was last written or moved; a move alone makes it another arrival. */
  private static FileTime moved(Path path) throws IOException {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix")
        ? (FileTime) Files.getAttribute(path, "unix:ctime")
        : Files.getLastModifiedTime(path);
  }

  /** Where it goes below {@code .accepted}, never over an earlier one. */
  String acceptedName(String jobId) {
    if (path == null) {
      return name;
    }
    Path inbox = path;
    for (int depth = Path.of(name).getNameCount();
        depth > 0 && inbox.getParent() != null;
        depth--) {
      inbox = inbox.getParent();
    }
    if (!Files.exists(inbox.resolve(".accepted").resolve(name))) {
      return name;
    }
    return FileNames.withId(name, jobId);
  }
}
