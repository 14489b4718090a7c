package io.caravan.jsonl.split;

import com.fasterxml.jackson.core.JsonParser;
import io.caravan.jsonl.FileWindow;
import io.caravan.jsonl.Member;
import io.caravan.jsonl.StrictJson;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Reads custom_ids back from a file by their offsets. */
public final class IdsInFile implements Closeable {
  private final FileWindow file;

  private IdsInFile(FileWindow file) {
    this.file = file;
  }

  public static IdsInFile open(Path file) throws IOException {
    return new IdsInFile(FileWindow.open(file));
  }

  /** The string whose opening quote is at this offset. */
  public String at(long offset) throws IOException {
    ByteBuffer bytes = file.at(offset, Member.MAX_TEXT_BYTES);
    try (JsonParser json =
        StrictJson.parser(
            bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining())) {
      json.nextToken();
      return json.getText();
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
