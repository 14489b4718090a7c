package io.caravan.flow.outbox;

import io.caravan.flow.CaravanHeaders;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.aws2.s3.AWS2S3Constants;
import org.springframework.stereotype.Component;

/** Sets the headers for uploads of outputs to buckets. */
@Component("s3Outbox")
public class S3Outbox {
  private final Outbox outbox;

  S3Outbox(Outbox outbox) {
    this.outbox = outbox;
  }

  /** Sets key, content type and length for an upload below the prefix of the bucket. */
  public void address(String bucket, String prefix, Exchange exchange) throws IOException {
    Message message = exchange.getMessage();
    String kind = message.getHeader(CaravanHeaders.KIND, String.class);
    String key =
        outbox.freeKey(
            bucket,
            prefix,
            message.getHeader(CaravanHeaders.FILE_NAME, String.class),
            message.getHeader(CaravanHeaders.JOB, String.class),
            kind);
    message.setHeader(AWS2S3Constants.KEY, key);
    message.setHeader(
        AWS2S3Constants.CONTENT_TYPE,
        kind.equals("report") ? "application/json" : "application/x-ndjson");
    message.setHeader( // else the whole body would be read into memory
        AWS2S3Constants.CONTENT_LENGTH, message.getHeader(CaravanHeaders.LENGTH, Long.class));
  }
}
