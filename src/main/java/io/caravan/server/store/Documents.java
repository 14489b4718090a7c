package io.caravan.server.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.caravan.server.wire.Json;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The table of JSON documents of one kind, with optimistic locking by version. */
final class Documents<D> {
  private final JdbcClient jdbc;
  private final String forUpdate;
  private final String kind;
  private final Class<D> type;
  private final Function<D, String> id;

  Documents(ServerDatabase database, String kind, Class<D> type, Function<D, String> id) {
    this.jdbc = database.jdbc();
    this.forUpdate = database.forUpdate();
    this.kind = kind;
    this.type = type;
    this.id = id;
  }

  /** The sequence number for a new document; concurrent calls may get the same one. */
  long nextSequence() {
    return jdbc.sql("SELECT COALESCE(MAX(sequence), 0) + 1 FROM server_document WHERE kind = :kind")
        .param("kind", kind)
        .query(Long.class)
        .single();
  }

  /** Inserts a document, or replaces the one with the same id. */
  void put(
      D document,
      String owner,
      @Nullable String purpose,
      long sequence,
      @Nullable Instant expiresAt) {
    jdbc.sql(
            "INSERT INTO server_document (id, kind, client, purpose, sequence, expires_at, version, document)"
                + " VALUES (:id, :kind, :client, :purpose, :sequence, :expiresAt, 1, :document)"
                + " ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at,"
                + " version = server_document.version + 1, document = excluded.document")
        .param("id", id.apply(document))
        .param("kind", kind)
        .param("client", owner)
        .param("purpose", purpose)
        .param("sequence", sequence)
        .param("expiresAt", expiresAt == null ? null : expiresAt.toEpochMilli())
        .param("document", write(document))
        .update();
  }

  Optional<Stored<D>> find(String wanted) {
    return find(wanted, "");
  }

  /** Finds a document and locks it until the end of the transaction. */
  Optional<Stored<D>> lock(String wanted) {
    return find(wanted, forUpdate);
  }

  private Optional<Stored<D>> find(String wanted, String lock) {
    return jdbc.sql(
            "SELECT document, version FROM server_document WHERE id = :id AND kind = :kind" + lock)
        .param("id", wanted)
        .param("kind", kind)
        .query((row, number) -> new Stored<>(read(row), row.getLong("version")))
        .optional();
  }

  /** Updates a document; returns false if it was changed since it was read. */
  boolean replace(Stored<D> before, D after) {
    return jdbc.sql(
                "UPDATE server_document SET version = version + 1, document = :document"
                    + " WHERE id = :id AND version = :version")
            .param("document", write(after))
            .param("id", id.apply(after))
            .param("version", before.version())
            .update()
        > 0;
  }

  boolean delete(String unwanted) {
    return jdbc.sql("DELETE FROM server_document WHERE id = :id AND kind = :kind")
            .param("id", unwanted)
            .param("kind", kind)
            .update()
        > 0;
  }

  /** The documents that expired first, up to {@code most}. */
  List<D> expired(Instant now, int most) {
    return jdbc.sql(
            "SELECT document FROM server_document WHERE kind = :kind AND expires_at <= :now"
                + " ORDER BY expires_at LIMIT :most")
        .param("kind", kind)
        .param("now", now.toEpochMilli())
        .param("most", most)
        .query((row, number) -> read(row))
        .list();
  }

  List<D> oldest(int most, String condition) {
    return jdbc.sql(
            "SELECT document FROM server_document WHERE kind = :kind AND %s ORDER BY sequence LIMIT :most"
                .formatted(condition))
        .param("kind", kind)
        .param("most", most)
        .query((row, number) -> read(row))
        .list();
  }

  Page<D> list(Listing listing, Instant now) {
    String order = listing.newestFirst() ? "DESC" : "ASC";
    String after = listing.after() == null ? "" : listing.newestFirst() ? "<" : ">";
    List<D> following =
        jdbc.sql(
                "SELECT document FROM server_document WHERE kind = :kind AND client = :client"
                    + " AND (expires_at IS NULL OR expires_at > :now)"
                    + (listing.group() == null ? "" : " AND purpose = :purpose")
                    + (after.isEmpty()
                        ? ""
                        : " AND (sequence, id) " + after + " (:sequence, :after)")
                    + " ORDER BY sequence %1$s, id %1$s LIMIT :limit".formatted(order))
            .param("kind", kind)
            .param("client", listing.owner())
            .param("now", now.toEpochMilli())
            .param("purpose", listing.group())
            .param("sequence", sequence(listing))
            .param("after", listing.after())
            .param("limit", listing.limit() + 1)
            .query((row, number) -> read(row))
            .list();
    return Page.first(following, id, listing.limit());
  }

  private long sequence(Listing listing) {
    String after = listing.after();
    return after == null
        ? 0
        : jdbc.sql(
                "SELECT sequence FROM server_document"
                    + " WHERE id = :id AND kind = :kind AND client = :client")
            .param("id", after)
            .param("kind", kind)
            .param("client", listing.owner())
            .query(Long.class)
            .optional()
            .orElseThrow(() -> Page.noSuch(after));
  }

  private D read(ResultSet row) throws SQLException {
    try {
      return Json.MAPPER.readValue(row.getString("document"), type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String write(D document) {
    try {
      return Json.MAPPER.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A document and the version that was read. */
  record Stored<D>(D document, long version) {}
}
