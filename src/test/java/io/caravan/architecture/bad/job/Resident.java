package io.caravan.architecture.bad.job;

import io.caravan.architecture.bad.jsonl.Trespasser;
import java.sql.Connection;

/** Does what a module of this name may do. */
public class Resident {
  void sql(Connection connection) {}

  void jsonl(Trespasser trespasser) {}
}
