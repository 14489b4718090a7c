package io.caravan.job;

import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.support.DefaultConversionService;
import org.springframework.jdbc.core.DataClassRowMapper;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/**
 * Maps a record to a table: each component is a column of the same name, times are stored as epoch
 * milliseconds.
 */
final class Table<R extends Record> {
  private final List<RecordComponent> components;
  private final List<String> columns;
  private final String insert;
  private final String update;
  private final String letGo;
  private final RowMapper<R> mapper;

  Table(String name, Class<R> type) {
    this.components = List.of(type.getRecordComponents());
    this.columns = components.stream().map(Table::column).toList();
    this.insert = insert(name);
    this.update = update(name, "");
    this.letGo = update(name, ", owner = NULL");
    this.mapper = mapper(type);
  }

  /** The names of those statuses that match, for SQL. */
  static <E extends Enum<E>> List<String> names(E[] statuses, Predicate<E> which) {
    return Stream.of(statuses).filter(which).map(Enum::name).toList();
  }

  String insert() {
    return insert;
  }

  /** SQL that updates all columns except the owner, if the version has not changed. */
  String update() {
    return update;
  }

  /** Like {@link #update()}, and also clears the owner. */
  String letGo() {
    return letGo;
  }

  RowMapper<R> mapper() {
    return mapper;
  }

  private String insert(String name) {
    return "INSERT INTO %s (%s) VALUES (%s)"
        .formatted(
            name,
            String.join(", ", columns),
            columns.stream().map(column -> ":" + column).collect(Collectors.joining(", ")));
  }

  private String update(String name, String more) {
    return "UPDATE %s SET %s%s WHERE id = :id AND version = :version - 1"
        .formatted(
            name,
            columns.stream()
                .filter(column -> !column.equals("id") && !column.equals("owner"))
                .map(column -> column + " = :" + column)
                .collect(Collectors.joining(", ")),
            more);
  }

  MapSqlParameterSource values(R row) {
    var values = new MapSqlParameterSource();
    for (int i = 0; i < columns.size(); i++) {
      values.addValue(columns.get(i), value(components.get(i), row));
    }
    return values;
  }

  private static <R extends Record> RowMapper<R> mapper(Class<R> type) {
    var conversions = new DefaultConversionService();
    conversions.addConverter(
        Number.class, Instant.class, number -> Instant.ofEpochMilli(number.longValue()));
    var mapper = new DataClassRowMapper<R>(type);
    mapper.setConversionService(conversions);
    return mapper;
  }

  private static @Nullable Object value(RecordComponent component, Record row) {
    try {
      Object value = component.getAccessor().invoke(row);
      return switch (value) {
        case Instant instant -> instant.toEpochMilli();
        case Enum<?> word -> word.name();
        case null, default -> value;
      };
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  private static String column(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
