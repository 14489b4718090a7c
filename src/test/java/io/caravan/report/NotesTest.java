package io.caravan.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotesTest {
  @TempDir private Path folder;

  @Test
  void readsNotesInStepOrder() throws IOException {
    Notes.write(folder, "settlement", List.of(), List.of("three"));
    Notes.write(folder, "validation", List.of("one"), List.of("two"));

    assertThat(Notes.read(folder)).containsExactly("one", "two", "three");
  }

  @Test
  void replacesNotesFromBeforeCrash() throws IOException {
    Notes.write(folder, "validation", List.of("old"), List.of("older"));
    Notes.write(folder, "validation", List.of(), List.of("new"));

    assertThat(Notes.read(folder)).containsExactly("new");
  }

  @Test
  void isEmptyWithoutNotes() throws IOException {
    assertThat(Notes.read(folder)).isEmpty();
  }

  @Test
  void writesUnpairedSurrogates() throws IOException {
    Notes.write(folder, "validation", List.of("half a pair: \ud800"), List.of("größe 雪"));

    assertThat(Notes.read(folder)).containsExactly("half a pair: ?", "größe 雪");
  }
}
