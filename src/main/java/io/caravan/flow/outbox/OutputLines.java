package io.caravan.flow.outbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.jsonl.settle.AnswerLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Iterator;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultMessage;
import org.springframework.stereotype.Component;

/** The lines of an output as messages, for components that send many without waiting for each. */
@Component("outputLines")
public class OutputLines {

  /**
   * A message for each line of the body, read as they are sent.
   *
   * @param header gets the custom_id of the line, if it has one
   */
  public Iterator<Message> messages(String header, Exchange exchange) {
    Message output = exchange.getMessage();
    var in = new InputStreamReader(output.getBody(InputStream.class), UTF_8);
    return new BufferedReader(in)
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> message(line, header, output))
        .iterator();
  }

  private static Message message(String line, String header, Message output) {
    Message message = new DefaultMessage(output.getExchange());
    message.getHeaders().putAll(output.getHeaders());
    byte[] bytes = line.getBytes(UTF_8);
    try {
      AnswerLine answer = AnswerLine.read(bytes, 0, bytes.length);
      if (answer != null) {
        message.setHeader(header, answer.customId());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    message.setBody(line);
    return message;
  }
}
