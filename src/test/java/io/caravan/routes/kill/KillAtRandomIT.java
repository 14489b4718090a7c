package io.caravan.routes.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kills ({@code kill -9}) at random moments, with several files and an unreliable provider. {@code
 * -Pthorough} uses eight seeds; for a long run: {@code ./mvnw -Pthorough test -Dtest=KillAtRandomIT
 * -Dkill.seeds=1..500}.
 */
@Tag("thorough")
class KillAtRandomIT {
  private static final int KILLS = 3;

  @TempDir Path folder;

  static IntStream seeds() {
    String[] range = System.getProperty("kill.seeds", "1..1").split("\\.\\.", -1);
    return IntStream.rangeClosed(
        Integer.parseInt(range[0]), Integer.parseInt(range[range.length - 1]));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void endsEveryRequestOnceAndPaysOnce(int seed) throws Exception {
    var random = new Random(seed);
    try (CountingProvider provider = faulty(seed, random)) {
      KillFolder caravan =
          new KillFolder(folder, provider)
              .with("CAMEL_COMPONENT_HTTP_RESPONSETIMEOUT", "1500")
              .with("CARAVAN_WORKERS", "4");
      caravan.drop("s-0", 1 + random.nextInt(40));
      for (int kill = 1; kill <= KILLS; kill++) {
        caravan.drop("s-" + kill, 1 + random.nextInt(40));
        killSometime(caravan, random);
      }
      try (CaravanProcess last = caravan.start(Map.of())) {
        caravan.awaitReleased(last);
        assertThat(last.isAlive()).as("seed %d: %s", seed, last.output()).isTrue();
        assertThat(caravan.problems(Map.of())).as("seed %d", seed).isEmpty();
      }
    }
  }

  /** Mostly during work, sometimes during the start. */
  private static void killSometime(KillFolder folder, Random random) throws Exception {
    try (CaravanProcess caravan = folder.start(Map.of())) {
      if (random.nextInt(5) > 0) {
        caravan.awaitStarted();
      }
      assertThat(caravan.runsFor(Duration.ofMillis(random.nextInt(3000)))).isTrue();
      caravan.kill();
    }
  }

  private static CountingProvider faulty(int seed, Random random) throws IOException {
    List<Fault> unclear =
        List.of(Fault.dropped(), Fault.doneBut(500), Fault.late(Duration.ofSeconds(3)), Fault.NONE);
    List<Fault> clear =
        List.of(
            Fault.limited("0.2"),
            Fault.refused(503, Fault.error("Overloaded.", "overloaded")),
            Fault.NONE,
            Fault.NONE);
    CountingProvider provider =
        new CountingProvider(seed)
            .withBatchesOf(Duration.ofMillis(50 + random.nextInt(500)))
            .answering((customId, time) -> customId.endsWith("3") ? 400 : 200)
            .onUpload(some(3, unclear, random))
            .onCreate(some(4, unclear, random))
            .onRetrieve(some(8, clear, random))
            .onListFiles(some(2, clear, random))
            .onListBatches(some(2, clear, random))
            .onContent(some(2, List.of(Fault.cut(10), Fault.dropped(), Fault.NONE), random));
    return waitsForLists() ? provider.withListLag(Duration.ofMillis(250)) : provider;
  }

  /** A list lag is not a fault, since the application has a setting for it. */
  private static boolean waitsForLists() throws IOException {
    return Files.readString(Path.of("config/application.yaml")).contains("list-lag");
  }

  private static Fault[] some(int count, List<Fault> of, Random random) {
    return random.ints(count, 0, of.size()).mapToObj(of::get).toArray(Fault[]::new);
  }
}
