package io.caravan.jsonl.split;

import io.caravan.jsonl.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Validates a file and splits it into parts in the same pass. */
public final class Splitter {
  private final ValidationRules rules;
  private final PartLimits limits;

  public Splitter(ValidationRules rules, PartLimits limits) {
    this.rules = rules.within(limits);
    this.limits = limits;
  }

  /**
   * Writes {@code part-1.jsonl}, {@code part-2.jsonl}, …, {@code refused.jsonl} and, once these are
   * complete, {@code requests.idx}. Splitting into the same folder again replaces them.
   *
   * <p>Nothing is deleted, because another process may be using its split in this folder: a part of
   * an earlier split that is not replaced has no row, and is deleted with the folder.
   *
   * @param name the user's name of the file, a prefix of the messages of refused lines
   */
  public Split split(Path file, String name, Path directory) throws IOException {
    Files.createDirectories(directory);
    Path index = directory.resolve(Split.INDEX);
    Path refused = directory.resolve(Split.REFUSED);
    try (Parts parts = new Parts(directory, limits);
        WholeFile refusedLines = new WholeFile(refused);
        RequestIndexWriter requests = new RequestIndexWriter(index)) {
      Summary summary =
          new Validator(rules).validate(file, new SplitSink(parts, refusedLines, requests, name));
      if (summary.needsConversion()) {
        return new Split(summary, List.of(), refused, List.of());
      }
      List<PartFile> finished = parts.finish();
      refusedLines.commit();
      requests.commit();
      return new Split(
          summary,
          finished,
          refused,
          Stream.concat(finished.stream().map(PartFile::file), Stream.of(refused, index)).toList());
    }
  }

  private record SplitSink(
      Parts parts, WholeFile refusedLines, RequestIndexWriter index, String name)
      implements RequestSink {
    @Override
    public void request(RequestLine request, ByteBuffer bytes) throws IOException {
      index.request(request, parts.add(request, bytes));
    }

    @Override
    public void refused(RefusedLine refused) throws IOException {
      ErrorLine.of(refused, name).writeTo(refusedLines);
      index.refused(refused);
    }
  }
}
