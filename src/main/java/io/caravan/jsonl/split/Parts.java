package io.caravan.jsonl.split;

import io.caravan.jsonl.tokens.SampledTokens;
import io.caravan.jsonl.tokens.Tokens;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes requests to parts, one open part per endpoint and model; only the most recently used parts
 * have an open file.
 */
final class Parts implements Closeable {
  private static final int MAX_FILES = 16;

  private final Path directory;
  private final PartLimits limits;
  private final Map<RequestLine.Kind, OpenPart> open = new HashMap<>();
  private final Map<Integer, OpenPart> active = new LinkedHashMap<>(32, 0.75f, true);
  private final List<PartFile> finished = new ArrayList<>();
  private int last;

  Parts(Path directory, PartLimits limits) {
    this.directory = directory;
    this.limits = limits;
  }

  /** Writes a request to a part within its limits; returns the number of the part. */
  int add(RequestLine request, ByteBuffer bytes) throws IOException {
    OpenPart part = open.get(request.kind());
    SampledTokens estimate = part == null ? new SampledTokens(limits.media()) : part.estimate();
    Tokens tokens =
        estimate.of(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    if (part != null && !part.hasRoomFor(request, tokens, limits)) {
      finish(part);
      open.remove(request.kind());
      part = null;
    }
    if (part == null) {
      suspendIdle();
      part = new OpenPart(++last, request.kind(), directory, limits, estimate);
      open.put(request.kind(), part);
      active.put(part.number(), part);
    } else if (active.get(part.number()) == null) {
      suspendIdle();
      active.put(part.number(), part);
    }
    part.add(request, tokens, bytes);
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

  private void suspendIdle() throws IOException {
    if (active.size() == MAX_FILES) {
      Iterator<OpenPart> idleFirst = active.values().iterator();
      idleFirst.next().suspend();
      idleFirst.remove();
    }
  }

  private void finish(OpenPart part) throws IOException {
    finished.add(part.finish());
    active.remove(part.number());
  }
}
