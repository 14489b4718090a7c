package io.caravan.job;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.core.convert.support.DefaultConversionService;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * Maps a record to a table: each component is a column of the same name, a record among them is the
 * columns of its own components, and times are stored as epoch milliseconds.
 */
final class Table<R extends Record> {
  private static final DefaultConversionService CONVERSIONS = conversions();

  private final Value<R> row;
  private final String insert;
  private final String update;
  private final String letGo;

  Table(String name, Class<R> type) {
    this.row = new Value<>(type);
    List<String> columns = row.columns().toList();
    this.insert =
        "INSERT INTO %s (%s) VALUES (%s)"
            .formatted(
                name,
                String.join(", ", columns),
                columns.stream().map(column -> ":" + column).collect(Collectors.joining(", ")));
    this.update = update(name, columns, "");
    this.letGo = update(name, columns, ", owner = NULL");
  }

  private static String update(String name, List<String> columns, String more) {
    return "UPDATE %s SET %s%s WHERE id = :id AND version = :version - 1"
        .formatted(
            name,
            columns.stream()
                .filter(column -> !column.equals("id") && !column.equals("owner"))
                .map(column -> column + " = :" + column)
                .collect(Collectors.joining(", ")),
            more);
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
    return (found, number) -> row.read(found);
  }

  MapSqlParameterSource values(R record) {
    var values = new MapSqlParameterSource();
    row.write(record, values);
    return values;
  }

  /** A record as columns. */
  private static final class Value<T extends Record> {
    private final Constructor<T> constructor;
    private final List<Column> components;

    private record Column(RecordComponent component, String name, @Nullable Value<?> nested) {}

    Value(Class<T> type) {
      constructor = BeanUtils.getResolvableConstructor(type);
      components = Stream.of(type.getRecordComponents()).map(Value::column).toList();
    }

    private static Column column(RecordComponent component) {
      Class<?> type = component.getType();
      return new Column(
          component,
          component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT),
          type.isRecord() ? new Value<>(type.asSubclass(Record.class)) : null);
    }

    Stream<String> columns() {
      return components.stream()
          .flatMap(column ->
              column.nested() == null ? Stream.of(column.name()) : column.nested().columns());
    }

    T read(ResultSet row) throws SQLException {
      var arguments = new Object[components.size()];
      for (int i = 0; i < arguments.length; i++) {
        Column column = components.get(i);
        arguments[i] =
            column.nested() == null
                ? CONVERSIONS.convert(
                    JdbcUtils.getResultSetValue(row, row.findColumn(column.name())),
                    column.component().getType())
                : column.nested().read(row);
      }
      return BeanUtils.instantiateClass(constructor, arguments);
    }

    void write(Record record, MapSqlParameterSource values) {
      for (Column column : components) {
        Object value = value(column.component(), record);
        switch (value) {
          case Record nested when column.nested() != null -> column.nested().write(nested, values);
          case Instant instant -> values.addValue(column.name(), instant.toEpochMilli());
          case Enum<?> word -> values.addValue(column.name(), word.name());
          case null, default -> values.addValue(column.name(), value);
        }
      }
    }

    private static @Nullable Object value(RecordComponent component, Record record) {
      try {
        return component.getAccessor().invoke(record);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("cannot read " + component, e);
      }
    }
  }

  private static DefaultConversionService conversions() {
    var conversions = new DefaultConversionService();
    conversions.addConverter(
        Number.class, Instant.class, number -> Instant.ofEpochMilli(number.longValue()));
    return conversions;
  }
}
