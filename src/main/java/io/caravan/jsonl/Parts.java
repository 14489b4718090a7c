package io.caravan.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Fills parts one after the other, and side by side where endpoints or models take turns. */
final class Parts implements Closeable {
  private static final int MAX_OPEN = 16;

  private final Path directory;
  private final PartLimits limits;
  private final Map<OpenPart.Key, OpenPart> open = new LinkedHashMap<>(32, 0.75f, true);
  private final List<PartFile> finished = new ArrayList<>();
  private int last;

  Parts(Path directory, PartLimits limits) {
    this.directory = directory;
    this.limits = limits;
  }

  /** Writes a request to a part with room for it; returns the part's number. */
  int add(RequestLine request, ByteBuffer bytes) throws IOException {
    OpenPart.Key key = new OpenPart.Key(request.endpoint(), request.model());
    OpenPart part = open.get(key);
    if (part != null && !part.hasRoomFor(request.length(), limits)) {
      finish(part);
      open.remove(key);
      part = null;
    }
    if (part == null) {
      part = open(key);
    }
    part.add(bytes);
    return part.number();
  }

  List<PartFile> finish() throws IOException {
    for (OpenPart part : open.values()) {
      finish(part);
    }
    open.clear();
    finished.sort(Comparator.comparingInt(PartFile::number));
    return finished;
  }

  @Override
  public void close() throws IOException {
    for (OpenPart part : open.values()) {
      part.close();
    }
  }

  private OpenPart open(OpenPart.Key key) throws IOException {
    if (open.size() == MAX_OPEN) {
      Iterator<OpenPart> idleFirst = open.values().iterator();
      finish(idleFirst.next());
      idleFirst.remove();
    }
    OpenPart part = new OpenPart(++last, key, directory);
    open.put(key, part);
    return part;
  }

  private void finish(OpenPart part) throws IOException {
    finished.add(part.finish());
  }
}
