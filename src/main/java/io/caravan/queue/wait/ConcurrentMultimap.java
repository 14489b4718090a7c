package io.caravan.queue.wait;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Values by key, for several threads; a key without values is gone. */
final class ConcurrentMultimap<K, V> {
  private final Map<K, Set<V>> values = new ConcurrentHashMap<>();

  void put(K key, V value) {
    values.compute(
        key,
        (it, others) -> {
          Set<V> all = others == null ? ConcurrentHashMap.newKeySet() : others;
          all.add(value);
          return all;
        });
  }

  void remove(K key, V value) {
    removeIf(key, value::equals);
  }

  void removeIf(Predicate<V> which) {
    values.keySet().forEach(key -> removeIf(key, which));
  }

  private void removeIf(K key, Predicate<V> which) {
    values.computeIfPresent(
        key,
        (it, all) -> {
          all.removeIf(which);
          return all.isEmpty() ? null : all;
        });
  }

  Set<V> get(K key) {
    return values.getOrDefault(key, Set.of());
  }

  Set<K> keys() {
    return Set.copyOf(values.keySet());
  }

  void forEach(Consumer<V> action) {
    values.values().forEach(all -> all.forEach(action));
  }

  boolean isEmpty() {
    return values.isEmpty();
  }
}
