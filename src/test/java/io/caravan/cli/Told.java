package io.caravan.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * The outcome of a command.
 *
 * @param text its output
 */
record Told(int code, String text) {
  /** Runs a command in this process with the given settings. */
  static Told by(List<String> arguments, Map<String, String> settings) {
    return by(Object.class, arguments, settings);
  }

  /** The same, for a command that needs the application's class. */
  static Told by(Class<?> application, List<String> arguments, Map<String, String> settings) {
    Properties before = System.getProperties();
    var text = new StringWriter();
    var changed = new Properties();
    changed.putAll(before);
    changed.putAll(settings);
    System.setProperties(changed);
    try {
      int code =
          CommandLineInterface.commands(application)
              .setOut(new PrintWriter(text, true))
              .setErr(new PrintWriter(text, true))
              .execute(arguments.toArray(String[]::new));
      return new Told(code, text.toString());
    } finally {
      System.setProperties(before);
    }
  }
}
