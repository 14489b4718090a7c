package io.caravan.flow.live;

import io.caravan.cost.PriceFile;
import io.caravan.flow.Templates;
import io.caravan.flow.inbox.NotTaken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Reports templates and the price file while their present form is not used, and changed settings.
 */
@Component
class SettingsFiles {
  private static final Logger LOG = LoggerFactory.getLogger(SettingsFiles.class);

  private final Templates templates;
  private final PriceFile prices;
  private final NotTaken notTaken;
  private final Environment settings;
  private final Map<Path, String> atStart = new HashMap<>();
  private final Map<String, String> problems = new ConcurrentSkipListMap<>();

  SettingsFiles(Templates templates, PriceFile prices, NotTaken notTaken, Environment settings) {
    this.templates = templates;
    this.prices = prices;
    this.notTaken = notTaken;
    this.settings = settings;
    folders().forEach(folder -> read(folder).forEach(atStart::putIfAbsent));
  }

  /** Why the present form of files is not used, by file. */
  Map<String, String> problems() {
    return new TreeMap<>(problems);
  }

  void look() {
    var now = new TreeMap<>(templates.problems());
    prices.problem().ifPresent(it -> now.put(prices.file().toString(), it));
    now.forEach((file, problem) -> {
      if (!problem.equals(problems.put(file, problem))) {
        LOG.warn("{} is not used; its last good form stays in use: {}", file, problem);
      }
      notTaken.record(file, "is not used: " + problem);
    });
    problems
        .keySet()
        .removeIf(file -> {
          boolean gone = !now.containsKey(file);
          if (gone) {
            notTaken.forget(file);
            LOG.info("{} is in use", file);
          }
          return gone;
        });
    folders().forEach(folder -> read(folder).forEach(this::logChange));
  }

  private void logChange(Path file, String text) {
    if (!text.equals(atStart.put(file, text))) {
      LOG.warn("{} changed; start Caravan again to use it", file);
    }
  }

  /** The folders with settings that Spring reads. */
  private Stream<Path> folders() {
    return Stream.concat(
            Stream.of("config/"),
            Stream.of(settings.getProperty("spring.config.additional-location", "").split(",")))
        .map(it -> it.replaceFirst("^optional:", "").replaceFirst("^file:", ""))
        .filter(it -> it.endsWith("/"))
        .map(Path::of)
        .filter(Files::isDirectory);
  }

  private static Map<Path, String> read(Path folder) {
    var texts = new TreeMap<Path, String>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (String.valueOf(file.getFileName()).matches("application.*\\.(yaml|yml|properties)")) {
          texts.put(file, Files.readString(file));
        }
      }
    } catch (IOException e) {
      LOG.debug("{} cannot be read: {}", folder, e.getMessage());
    }
    return texts;
  }
}
