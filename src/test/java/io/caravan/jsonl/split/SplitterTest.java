package io.caravan.jsonl.split;

import static io.caravan.jsonl.Requests.RULES;
import static io.caravan.jsonl.Requests.limits;
import static io.caravan.jsonl.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.jsonl.Requests;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.jsonl.tokens.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitterTest {
  @TempDir private Path folder;
  private Path parts;

  @BeforeEach
  void namePartsFolder() {
    parts = folder.resolve("parts");
  }

  @Test
  void splitsByRequests() throws IOException {
    Split split = split(RULES, limits(2, 9999), request("a"), "oops", request("b"), request("c"));

    assertThat(split.parts()).extracting(PartFile::requests).containsExactly(2, 1);
    assertThat(split.parts())
        .first()
        .isEqualTo(
            new PartFile(
                1,
                parts.resolve("part-1.jsonl"),
                "/v1/embeddings",
                "small",
                2,
                188,
                new Tokens(2, 0)));
    assertThat(parts.resolve("part-1.jsonl")).hasContent(request("a") + "\n" + request("b") + "\n");
    assertThat(parts.resolve("part-2.jsonl")).hasContent(request("c") + "\n");
    assertThat(split.summary().refused()).isEqualTo(1);
  }

  @Test
  void splitsByBytesExactly() throws IOException {
    long two = 2L * (request("a").length() + 1);

    assertThat(split(RULES, limits(9, two), request("a"), request("b")).parts()).hasSize(1);
    assertThat(split(RULES, limits(9, two - 1), request("a"), request("b")).parts())
        .extracting(PartFile::bytes)
        .containsExactly(two / 2, two / 2);
  }

  @Test
  void refusesLineLargerThanAPart() throws IOException {
    Split split = split(RULES, limits(9, request("a").length()), request("a"));

    assertThat(split.parts()).isEmpty();
    assertThat(split.refused()).content().contains("line_too_long", "input.jsonl line 1: ");
  }

  @Test
  void keepsOneUrlAndOneModelPerPart() throws IOException {
    Split split =
        split(
            RULES,
            limits(2, 9999),
            request("a", "/v1/responses", "x"),
            request("b", "/v1/responses", "y"),
            request("c", "/v1/responses", "x"),
            request("d", "/v1/embeddings", "x"),
            request("e", "/v1/responses", "x"));

    assertThat(split.parts())
        .extracting(part -> part.endpoint() + " " + part.model() + " " + part.requests())
        .containsExactly(
            "/v1/responses x 2", "/v1/responses y 1", "/v1/embeddings x 1", "/v1/responses x 1");
  }

  @Test
  void putsEachRequestInOnePartWithDozensOfModels() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      lines.add(request("r-" + i, "/v1/responses", "m-" + i % 40));
    }

    Split split = split(RULES, limits(60, 99_999), lines.toArray(String[]::new));

    assertThat(split.parts()).extracting(PartFile::requests).containsOnly(60, 40).hasSize(80);
    List<String> written = new ArrayList<>();
    for (PartFile part : split.parts()) {
      List<String> own = Files.readAllLines(part.file());
      assertThat(own).hasSize(part.requests()).allMatch(l -> l.contains('"' + part.model() + '"'));
      written.addAll(own);
    }
    assertThat(written).containsExactlyInAnyOrderElementsOf(lines);
  }

  @Test
  void createsNoExtraPartsForInterleavedModels() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      lines.add(request("r-" + i, "/v1/responses", "m-" + i % 500));
    }

    Split split = split(RULES, limits(50, 99_999), lines.toArray(String[]::new));

    assertThat(split.parts()).hasSize(500).extracting(PartFile::requests).containsOnly(10);
    assertThat(Files.readAllLines(parts.resolve("part-7.jsonl")))
        .isEqualTo(lines.stream().filter(line -> line.contains("\"m-6\"")).toList());
    assertThat(names()).hasSize(502).noneMatch(name -> name.endsWith(".tmp"));
  }

  @Test
  void splitsByEmbeddingInputs() throws IOException {
    PartLimits five = new PartLimits(9, 9999, 5, model -> Long.MAX_VALUE, MediaTokens.OPENAI);
    String two = "[\"x\",\"y\"]";

    Split split =
        split(
            RULES,
            five,
            request("a").replace("\"x\"", two),
            request("b").replace("\"x\"", two),
            request("c"),
            request("d"),
            request("e").replace("\"x\"", "[\"1\",\"2\",\"3\",\"4\",\"5\"]"),
            request("f").replace("\"x\"", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]"));

    assertThat(split.parts()).extracting(PartFile::requests).containsExactly(3, 1, 1);
    assertThat(split.refused()).content().contains("too_many_inputs", "line 6");
  }

  @Test
  void splitsByQueuedTokenLimitOfModel() throws IOException {
    PartLimits limits =
        new PartLimits(
            9,
            9999,
            9,
            model -> model.equals("small") ? 2 : model.equals("tiny") ? 0 : 999,
            MediaTokens.OPENAI);

    Split split =
        split(
            RULES,
            limits,
            request("a"),
            request("b"),
            request("c"),
            request("d", "/v1/embeddings", "tiny"),
            request("e", "/v1/embeddings", "tiny"),
            request("f", "/v1/embeddings", "large"),
            request("g", "/v1/embeddings", "large"),
            request("h", "/v1/embeddings", "large"));

    assertThat(split.parts())
        .extracting(part -> part.model() + " " + part.requests())
        .as("a request larger than the queue limit gets its own part")
        .containsExactly("small 2", "small 1", "tiny 1", "tiny 1", "large 3");
  }

  @Test
  void replacesItsPartsAndKeepsOthers() throws IOException {
    split(RULES, limits(2, 9999), request("a"), request("b"), request("c"));

    Split again = split(RULES, limits(9, 9999), request("a"), request("b"), request("c"));

    assertThat(again.parts()).hasSize(1).first().extracting(PartFile::requests).isEqualTo(3);
    assertThat(parts.resolve("part-1.jsonl")).content().hasLineCount(3);
    assertThat(names())
        .containsExactly("part-1.jsonl", "part-2.jsonl", "refused.jsonl", "requests.idx");
  }

  @Test
  void leavesNoIndexOnFailure() throws IOException {
    Splitter splitter = new Splitter(RULES, limits(1, 9999));
    Files.createDirectories(parts.resolve("part-2.jsonl/in-the-way"));
    Path file = Requests.write(folder, request("a"), request("b"));

    assertThatThrownBy(() -> splitter.split(file, "input.jsonl", parts))
        .isInstanceOf(IOException.class);

    assertThat(names()).doesNotContain("requests.idx");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(parts)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Split split(ValidationRules rules, PartLimits limits, String... lines)
      throws IOException {
    return new Splitter(rules, limits).split(Requests.write(folder, lines), "input.jsonl", parts);
  }
}
