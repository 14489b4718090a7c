package io.caravan.jsonl;

import com.fasterxml.jackson.core.JsonParser;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The custom_ids of a file so far, each with the line that named it first. */
final class SeenIds implements Closeable {
  static final long NEVER = 0;

  private final FileWindow file;
  private final Places places = new Places(); // offset of the id in the file, line
  private final CustomIdIndex index;

  private SeenIds(FileWindow file, CustomIdIndex.Hash hash) {
    this.file = file;
    this.index = new CustomIdIndex(this::read, 0, hash);
  }

  static SeenIds open(Path file, CustomIdIndex.Hash hash) throws IOException {
    return new SeenIds(FileWindow.open(file), hash);
  }

  /** Notes an id; returns the line that has it already, or {@link #NEVER}. */
  long add(String id, long offset, long line) throws IOException {
    int ordinal = index.size();
    int earlier = index.add(id, ordinal);
    if (earlier != CustomIdIndex.ABSENT) {
      return places.second(earlier);
    }
    places.set(ordinal, offset, Math.toIntExact(line));
    return NEVER;
  }

  /** Which id of the file this is, the first is 0, or {@link CustomIdIndex#ABSENT}. */
  int find(String id) throws IOException {
    return index.find(id);
  }

  int count() {
    return index.size();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Reads an id back from its file. */
  String read(int ordinal) throws IOException {
    ByteBuffer bytes = file.at(places.first(ordinal), Member.MAX_TEXT_BYTES);
    try (JsonParser json =
        Strict.parser(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining())) {
      json.nextToken();
      return json.getText();
    }
  }
}
