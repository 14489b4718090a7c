package io.caravan.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The content of an object: fails if it ends too early, and aborts the connection if closed early.
 */
public final class WholeObject extends FilterInputStream {
  private final FoundObject object;
  private final ResponseInputStream<GetObjectResponse> response;
  private long count;
  private boolean ended;

  /** Wraps the response of the store. */
  public WholeObject(FoundObject object, ResponseInputStream<GetObjectResponse> response) {
    super(response);
    this.object = object;
    this.response = response;
  }

  @Override
  public int read() throws IOException {
    int read = super.read();
    count(read < 0 ? read : 1);
    return read;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    int read = super.read(bytes, from, length);
    count(read);
    return read;
  }

  private void count(int read) throws IOException {
    if (read > 0) {
      count += read;
    } else if (read < 0) {
      ended = true;
      if (count != object.size()) {
        throw new IOException(
            "%s ends after %d of %d bytes".formatted(object.uri(), count, object.size()));
      }
    }
  }

  /** Aborts first, since closing alone would read the rest. */
  @Override
  public void close() throws IOException {
    if (!ended) {
      response.abort();
    }
    super.close();
  }
}
