package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code samples/pipelines/mail} with a mail server, and a kill in between. */
@Tag("thorough")
class MailIT {
  private static final int MAILS = 20;

  @Test
  void answersEveryAttachmentAndTextOnceAfterAKill(@TempDir Path folder) throws Exception {
    try (var server = new MailServer(folder);
        var provider = new CountingProvider().withBatchesOf(Duration.ofSeconds(5))) {
      SampleFolder sample =
          SampleFolder.of("mail", "mail", Files.createDirectories(folder.resolve("work")), provider)
              .with("IMAP_HOST", server.imap())
              .with("SMTP_HOST", server.smtp())
              .with("MAIL_USER", MailServer.USER)
              .with("MAIL_PASSWORD", MailServer.PASSWORD)
              .with("MAIL_TO", MailServer.RECIPIENT)
              .with("JAVA_OPTS", "-XX:TieredStopAtLevel=1 " + server.trust());
      var expected = new ArrayList<String>();
      for (int i = 0; i < MAILS; i++) {
        server.deliver(
            "See the attachments.",
            Map.of(
                "übung-" + i + ".jsonl",
                file("a-" + i, expected),
                "more.jsonl",
                file("b-" + i, expected)));
      }
      server.deliver(file("text", expected), Map.of());

      sample.killOnce(() -> provider.calls("create") > 0);
      server.deliver("", Map.of("last.jsonl", file("last", expected) + "no request\n"));
      try (CaravanProcess second = sample.start()) {
        await("all answers and reports") // as many reports as results, and one mail of errors
            .atMost(Duration.ofMinutes(6))
            .until(() -> !second.isAlive() || server.sent().size() > 2 * expected.size());
        assertThat(second.isAlive()).as(second.output()).isTrue();

        assertThat(provider.account().paid().values()).hasSize(expected.size()).containsOnly(1L);
        assertThat(answered(server, "results")).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(answered(server, "errors")).containsExactly("null");
        assertThat(server.sent())
            .extracting(MimeMessage::getSubject)
            .contains(
                "übung-0.results.jsonl",
                "last.results.jsonl",
                "last.errors.jsonl",
                "last.jsonl delivered: 1 results, 1 errors of 2 requests");
        assertThat(reports(server)).hasSizeGreaterThanOrEqualTo(expected.size());
        assertThat(second.output()).doesNotContain(MailServer.PASSWORD);
      }
    }
  }

  private static String file(String customId, List<String> expected) {
    expected.add(customId);
    return TestCaravan.text(Line.chat(customId, "the question of " + customId));
  }

  /** The jobs in the reports. */
  private static List<String> reports(MailServer server) throws MessagingException, IOException {
    var jobs = new ArrayList<String>();
    for (MimeMessage mail : server.sent()) {
      if (mail.getFileName().endsWith(".report.json")) {
        String report = new String(mail.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String job = Outcome.parse(report).path("job").asText();
        assertThat(mail.getFileName()).isEqualTo(job + ".report.json");
        jobs.add(job);
      }
    }
    return jobs.stream().distinct().toList();
  }

  /** The custom_ids in the attachments of a kind. */
  private static List<String> answered(MailServer server, String kind)
      throws MessagingException, IOException {
    var ids = new ArrayList<String>();
    for (MimeMessage mail : server.sent()) {
      String name = mail.getFileName();
      if (name.endsWith("." + kind + ".jsonl")) {
        new String(mail.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(line -> Outcome.parse(line).path("custom_id").asText())
            .forEach(ids::add);
      }
    }
    return ids;
  }
}
