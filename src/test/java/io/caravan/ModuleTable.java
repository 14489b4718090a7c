package io.caravan;

import static java.util.function.Predicate.not;

import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.modulith.core.ApplicationModule;
import org.springframework.modulith.core.ApplicationModules;

/** The modules, each with those that it may use. */
record ModuleTable(Map<String, Set<String>> mayUse) {
  /**
   * One sentence for each module on disk that the table lacks, and for each use that it does not
   * allow.
   */
  Stream<String> problems(ApplicationModules modules) {
    return modules.stream().flatMap(module -> problems(module, modules));
  }

  private Stream<String> problems(ApplicationModule module, ApplicationModules modules) {
    var name = module.getIdentifier().toString();
    var allowed = mayUse.get(name);
    return allowed == null
        ? Stream.of(name + " is not in the table")
        : module
            .getDirectDependencies(modules)
            .uniqueModules()
            .map(used -> used.getIdentifier().toString())
            .filter(not(allowed::contains))
            .map(used -> name + " may not use " + used);
  }
}
