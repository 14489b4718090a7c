package io.caravan.jsonl.split;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Receives every line that is not blank, in file order. */
public interface RequestSink {
  /** Receives a valid request; {@code bytes} is its unchanged line, valid during the call only. */
  void request(RequestLine request, ByteBuffer bytes) throws IOException;

  void refused(RefusedLine refused) throws IOException;
}
