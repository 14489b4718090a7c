package io.caravan.jsonl.split;

import static io.caravan.jsonl.Quote.number;

import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.Member;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.RequestMembers;
import io.caravan.jsonl.Surrogates;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Validates the members of a line. */
final class RequestCheck {
  private final ValidationRules rules;
  private final String urlAdvice;

  RequestCheck(ValidationRules rules) {
    this.rules = rules;
    this.urlAdvice =
        "Use one of %s.".formatted(String.join(", ", new TreeSet<>(rules.endpoints())));
  }

  /** All problems of a line except a repeated custom_id. */
  List<LineProblem> problems(RequestMembers members) {
    if (members.unreadable != null) {
      return List.of(members.unreadable);
    }
    if (members.refusal != null) {
      return List.of(members.refusal);
    }
    List<LineProblem> problems = new ArrayList<>(0);
    for (String name : members.repeated) {
      add(problems, "repeated_parameter", name, "%s is given twice. Keep one.".formatted(name));
    }
    checkCustomId(members.customId, problems);
    checkMethod(members.method, problems);
    checkUrl(members.url, problems);
    checkBody(members, problems);
    return problems;
  }

  /** The custom_id if it can identify an answer, else null. */
  static @Nullable String usableId(RequestMembers members) {
    String id = members.customId.text();
    return id == null || id.isBlank() || Surrogates.hasHalf(id) ? null : id;
  }

  private static void checkCustomId(Member id, List<LineProblem> problems) {
    String advice = "Give every request a custom_id of its own.";
    if (id.isAbsent()) {
      missing(problems, "custom_id", advice);
    } else if (!id.isString()) {
      wrongType(problems, "custom_id", id);
    } else if (id.text() == null) {
      tooLong(problems, "custom_id");
    } else if (id.text().isBlank()) {
      add(problems, "invalid_custom_id", "custom_id", "custom_id is empty. " + advice);
    } else if (Surrogates.hasHalf(id.text())) {
      add(
          problems,
          "invalid_custom_id",
          "custom_id",
          "custom_id holds half of a surrogate pair. Write whole characters.");
    }
  }

  private static void checkMethod(Member method, List<LineProblem> problems) {
    String advice = "Write \"method\": \"POST\".";
    if (method.isAbsent()) {
      missing(problems, "method", advice);
    } else if (!method.isString()) {
      wrongType(problems, "method", method);
    } else if (!"POST".equals(method.text())) {
      add(problems, "invalid_method", "method", "method is not POST. " + advice);
    }
  }

  private void checkUrl(Member url, List<LineProblem> problems) {
    if (url.isAbsent()) {
      missing(problems, "url", urlAdvice);
    } else if (!url.isString()) {
      wrongType(problems, "url", url);
    } else if (url.text() == null) {
      tooLong(problems, "url");
    } else if (!rules.endpoints().contains(url.text())) {
      String message = "url %s is not supported. %s".formatted(Quote.of(url.text()), urlAdvice);
      add(problems, "invalid_url", "url", message);
    }
  }

  private void checkBody(RequestMembers members, List<LineProblem> problems) {
    if (members.bodyType == null) {
      missing(problems, "body", "Put the parameters of the request there.");
    } else if (!members.bodyType.equals("an object")) {
      add(
          problems,
          "invalid_type",
          "body",
          "body is %s, not an object. Put the parameters of the request there."
              .formatted(members.bodyType));
    } else {
      checkModel(members.model, problems);
      if (members.streams) {
        String message = "body.stream is true, and batches do not stream. Leave it out.";
        add(problems, "streaming_unsupported", "body.stream", message);
      }
      if (members.embeddingInputs() > rules.maxEmbeddingInputs()) {
        String message =
            "body.input holds %s inputs, more than the maximum of %s. Spread them over several requests."
                .formatted(number(members.embeddingInputs()), number(rules.maxEmbeddingInputs()));
        add(problems, "too_many_inputs", "body.input", message);
      }
    }
  }

  private void checkModel(Member model, List<LineProblem> problems) {
    if (model.isAbsent()) {
      missing(problems, "body.model", "Name the model that is to answer.");
    } else if (!model.isString()) {
      wrongType(problems, "body.model", model);
    } else if (model.text() == null) {
      tooLong(problems, "body.model");
    } else if (model.text().isBlank()) {
      String message = "body.model is empty. Name the model that is to answer.";
      add(problems, "invalid_model", "body.model", message);
    } else if (!rules.models().test(model.text())) {
      String message =
          "body.model %s is not allowed for the API key of this file. Ask the operator of this server for access."
              .formatted(Quote.of(model.text()));
      add(problems, "model_not_allowed", "body.model", message);
    }
  }

  private static void missing(List<LineProblem> problems, String name, String advice) {
    add(problems, "missing_required_parameter", name, "%s is missing. %s".formatted(name, advice));
  }

  private static void wrongType(List<LineProblem> problems, String name, Member member) {
    add(
        problems,
        "invalid_type",
        name,
        "%s is %s, not a string. Write it as a string.".formatted(name, member.type()));
  }

  private static void tooLong(List<LineProblem> problems, String name) {
    add(
        problems,
        "string_too_long",
        name,
        "%s has more than %s characters. Shorten it.".formatted(name, Member.MAX_TEXT));
  }

  private static void add(List<LineProblem> problems, String code, String param, String message) {
    problems.add(new LineProblem(code, message, param));
  }
}
