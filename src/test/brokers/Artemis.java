import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/**
 * A JMS broker: takes a port and a folder, sends each file named on its standard input to the queue
 * "requests", and prints what arrives in "results" and "errors". Java compiles it as it starts, so
 * that its libraries stay out of the class path of the tests.
 */
class Artemis {
  public static void main(String[] arguments) throws Exception {
    String url = "tcp://127.0.0.1:" + arguments[0];
    var configuration =
        new ConfigurationImpl()
            .setSecurityEnabled(false)
            .setPersistenceEnabled(true)
            .setJournalDirectory(arguments[1] + "/journal")
            .setBindingsDirectory(arguments[1] + "/bindings")
            .setLargeMessagesDirectory(arguments[1] + "/large")
            .setPagingDirectory(arguments[1] + "/paging")
            .addAcceptorConfiguration("tcp", url);
    new EmbeddedActiveMQ().setConfiguration(configuration).start();
    var connection = new ActiveMQConnectionFactory(url).createConnection();
    for (String queue : new String[] {"results", "errors"}) {
      Session session = connection.createSession();
      session
          .createConsumer(session.createQueue(queue))
          .setMessageListener(message -> print(queue, message));
    }
    connection.start();
    var session = connection.createSession();
    var requests = session.createProducer(session.createQueue("requests"));
    System.out.println("Artemis started");
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String file = in.readLine(); file != null; file = in.readLine()) {
      requests.send(session.createTextMessage(Files.readString(Path.of(file))));
      System.out.println("sent " + file);
    }
  }

  private static void print(String queue, Message message) {
    try {
      byte[] bytes;
      if (message instanceof BytesMessage body) {
        bytes = new byte[(int) body.getBodyLength()];
        body.readBytes(bytes);
      } else {
        bytes = message.getBody(String.class).getBytes(StandardCharsets.UTF_8);
      }
      System.out.printf(
          "received %s %s %s%n",
          queue,
          message.getStringProperty("CaravanJob"),
          new String(bytes, StandardCharsets.UTF_8));
    } catch (JMSException e) {
      e.printStackTrace();
    }
  }
}
