package io.caravan.jsonl.split;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Is told of every line that is not blank, in the order of the file. */
public interface RequestSink {
  /**
   * The bytes are those of the line as it stands in the file; they are valid during the call only.
   */
  void request(RequestLine request, ByteBuffer bytes) throws IOException;

  void refused(RefusedLine refused) throws IOException;
}
