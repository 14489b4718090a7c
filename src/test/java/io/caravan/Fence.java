package io.caravan;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.io.PrintStream;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** A dependency rule that restricts libraries to some modules below a root package. */
enum Fence {
  CAMEL_ONLY_IN_FLOW_QUEUE_ROUTE_AND_CLI {
    @Override
    ArchRule around(String root) {
      return outside(root, "flow", "queue.flow", "queue.api", "queue.callback", "route", "cli")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.camel..");
    }
  },
  HTTP_CLIENTS_ONLY_IN_PROVIDER_FLOW_CALLBACK_SERVER_AND_CLI {
    @Override
    ArchRule around(String root) {
      return outside(root, "provider", "flow", "queue.callback", "server", "cli")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.net.http..", "org.apache.hc..");
    }
  },
  SQL_ONLY_IN_STORES {
    @Override
    ArchRule around(String root) {
      return outside(root, "job", "lease", "queue.store", "store", "server")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "org.springframework.jdbc..");
    }
  },
  NO_SPRING_IN_JSONL {
    @Override
    ArchRule around(String root) {
      return noClasses()
          .that()
          .resideInAPackage(root + ".jsonl..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.springframework..")
                  .and(
                      resideOutsideOfPackage("org.springframework.modulith.."))); // in package-info
    }
  },
  CONSOLE_ONLY_IN_CLI {
    @Override
    ArchRule around(String root) {
      return outside(root, "cli")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(PrintStream.class)
          .orShould(GeneralCodingRules.ACCESS_STANDARD_STREAMS);
    }
  },
  NULL_MARKED_PACKAGES {
    @Override
    ArchRule around(String root) {
      return classes()
          .that()
          .resideInAPackage(root + "..")
          .should(
              ArchCondition.from(
                  describe(
                      "be in a package whose package-info says @NullMarked",
                      (JavaClass it) -> it.getPackage().isAnnotatedWith(NullMarked.class))));
    }
  };

  abstract ArchRule around(String root);

  private static GivenClassesConjunction outside(String root, String... modules) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .resideOutsideOfPackages(
            Stream.of(modules).map(module -> root + "." + module + "..").toArray(String[]::new));
  }
}
