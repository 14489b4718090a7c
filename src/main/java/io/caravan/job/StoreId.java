package io.caravan.job;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The id of the store, the same for all replicas and across restarts. */
public record StoreId(String value) {
  /** Reads the id, or creates one in a new store. */
  public static StoreId of(JdbcClient jdbc) {
    jdbc.sql("INSERT INTO store_id (one, id) VALUES (1, :id) ON CONFLICT (one) DO NOTHING")
        .param("id", UUID.randomUUID().toString())
        .update();
    return new StoreId(jdbc.sql("SELECT id FROM store_id").query(String.class).single());
  }
}
