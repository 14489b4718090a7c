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
 * A file, object or message in an inbox.
 *
 * @param path the path of a file; null for messages and objects
 * @param source the origin, as shown to the user
 * @param name the name relative to the inbox
 * @param arrival identifies this drop: equal if the same file is read again, different if a copy is
 *     dropped later
 * @param size the stored size in bytes; 0 if unknown
 */
record InboxFile(@Nullable Path path, String source, String name, String arrival, long size) {
  /** Header with the source of a message that is not a file. */
  static final String SOURCE = "CaravanSource";

  /** Header that identifies such a message when it is sent again. */
  static final String ARRIVAL = "CaravanArrival";

  /** Header with the size of such a message in bytes. */
  static final String SIZE = "CaravanSize";

  /** Header that makes the same file a new arrival, to pay for it again. */
  static final String AGAIN = "CaravanAgain";

  /** Camel's header with the server of a remote file. */
  private static final String HOST = "CamelFileHost";

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
    String host = message.getHeader(HOST, String.class);
    if (host != null) {
      return remote(host, absolute, name, again, message);
    }
    Path path = Path.of(absolute);
    if (!Files.exists(path)) {
      throw new AnotherReadsException(absolute); // gone since it was listed
    }
    return of(path, name, again);
  }

  /** A file that SFTP, FTP or another file server delivers; the same until it is written again. */
  private static InboxFile remote(
      String host, String path, String name, String again, Message message) {
    String source = host + ":" + path;
    long size = message.getHeader(FileConstants.FILE_LENGTH, 0L, Long.class);
    long modified = message.getHeader(FileConstants.FILE_LAST_MODIFIED, 0L, Long.class);
    String arrival = "%s %d %d %s".formatted(source, modified, size, again).strip();
    return new InboxFile(null, source, name, arrival, size);
  }

  /** Creates it for a file named on the command line. */
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

  /** When the file was last written or moved; a move alone makes it a new arrival. */
  private static FileTime moved(Path path) throws IOException {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix")
        ? (FileTime) Files.getAttribute(path, "unix:ctime")
        : Files.getLastModifiedTime(path);
  }

  /** Its name below {@code .accepted}; never that of an existing file. */
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
