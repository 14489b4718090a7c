package io.caravan;

import static java.util.function.Predicate.not;

import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.modulith.core.ApplicationModule;
import org.springframework.modulith.core.ApplicationModules;

/** The table of modules and the modules that each may use. */
record ModuleTable(Map<String, Set<String>> mayUse) {
  /**
   * Returns a message for each module that the table lacks, and for each dependency that it
   * forbids.
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
