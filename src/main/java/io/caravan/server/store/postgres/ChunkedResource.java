package io.caravan.server.store.postgres;

import java.io.InputStream;
import org.springframework.core.io.AbstractResource;

/** Bytes stored in rows, as a Spring resource that supports ranges. */
final class ChunkedResource extends AbstractResource {
  private final Chunks chunks;
  private final String id;
  private final long bytes;

  ChunkedResource(Chunks chunks, String id, long bytes) {
    this.chunks = chunks;
    this.id = id;
    this.bytes = bytes;
  }

  @Override
  public String getDescription() {
    return id;
  }

  @Override
  public boolean exists() {
    return true;
  }

  @Override
  public long contentLength() {
    return bytes;
  }

  @Override
  public InputStream getInputStream() {
    return new ChunkedStream(chunks, id, bytes);
  }
}
