package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** A mail server with TLS and two mailboxes: one of Caravan, one for its answers. */
final class MailServer implements AutoCloseable {
  static final String USER = "caravan@example.org";
  static final String PASSWORD = "p&ss word+1)";
  static final String RECIPIENT = "results@example.org";

  private static final String STORE_PASSWORD = "changeit";

  private final GreenMail server;
  private final GreenMailUser mailbox;
  private final Path certificate;

  /** Starts on free ports with a certificate of its own, which is written into the folder. */
  MailServer(Path folder) throws IOException, InterruptedException {
    certificate = certificate(folder);
    System.setProperty("greenmail.tls.keystore.file", certificate.toString());
    System.setProperty("greenmail.tls.keystore.password", STORE_PASSWORD);
    server =
        new GreenMail(
            new ServerSetup[] {
              new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_IMAPS),
              new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS)
            });
    server.start();
    mailbox = server.setUser(USER, PASSWORD);
    server.setUser(RECIPIENT, RECIPIENT, PASSWORD);
  }

  private static Path certificate(Path folder) throws IOException, InterruptedException {
    Path file = folder.resolve("mail.p12");
    var keytool =
        new ProcessBuilder(
            System.getProperty("java.home") + "/bin/keytool",
            "-genkeypair",
            "-keystore",
            file.toString(),
            "-storepass",
            STORE_PASSWORD,
            "-keyalg",
            "RSA",
            "-dname",
            "CN=localhost",
            "-ext",
            "san=ip:127.0.0.1");
    keytool.redirectErrorStream(true).redirectOutput(Redirect.DISCARD);
    assertThat(keytool.start().waitFor()).isZero();
    return file;
  }

  String imap() {
    return "127.0.0.1:" + server.getImaps().getPort();
  }

  String smtp() {
    return "127.0.0.1:" + server.getSmtps().getPort();
  }

  /** The options with which a JVM trusts its certificate. */
  String trust() {
    return "-Djavax.net.ssl.trustStore=%s -Djavax.net.ssl.trustStorePassword=%s"
        .formatted(certificate, STORE_PASSWORD);
  }

  /** Puts a mail into Caravan's mailbox; without attachments, its text is all it has. */
  void deliver(String text, Map<String, String> attachments)
      throws MessagingException, IOException {
    var mail = new MimeMessage(Session.getInstance(new Properties()));
    mail.setFrom("asker@example.org");
    mail.setSubject("Questions");
    if (attachments.isEmpty()) {
      mail.setText(text, "UTF-8");
    } else {
      var body = new MimeBodyPart();
      body.setText(text, "UTF-8");
      var parts = new MimeMultipart(body);
      for (Map.Entry<String, String> each : attachments.entrySet()) {
        var part = new MimeBodyPart();
        part.setText(each.getValue(), "UTF-8");
        part.setFileName(each.getKey());
        parts.addBodyPart(part);
      }
      mail.setContent(parts);
    }
    mail.saveChanges();
    mailbox.deliver(mail);
  }

  /** The mails that Caravan has sent. */
  List<MimeMessage> sent() {
    return List.of(server.getReceivedMessagesForDomain(RECIPIENT));
  }

  @Override
  public void close() {
    server.stop();
  }
}
