package io.caravan.provider;

import static io.caravan.provider.UntranslatableException.refused;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An image, a sound, a video or a document in a chat message.
 *
 * @param type its media type; null if unknown
 * @param content base64 data, or a URL
 * @param inline whether the content is base64 data
 */
public record Media(Kind kind, @Nullable String type, String content, boolean inline) {
  /** The kind, as error messages name it. */
  public enum Kind {
    IMAGE("an image"),
    VIDEO("a video"),
    SOUND("a sound"),
    FILE("a file");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private static final String DATA = "data:";
  private static final Pattern BASE64 = Pattern.compile("(?i);\\s*base64\\s*(;|$)");

  /** Types as clients and operating systems name them, and as providers do. */
  private static final Map<String, String> SYNONYMS =
      Map.ofEntries(
          Map.entry("image/jpg", "image/jpeg"),
          Map.entry("image/pjpeg", "image/jpeg"),
          Map.entry("image/x-png", "image/png"),
          Map.entry("audio/wave", "audio/wav"),
          Map.entry("audio/x-wav", "audio/wav"),
          Map.entry("audio/x-aiff", "audio/aiff"),
          Map.entry("audio/x-flac", "audio/flac"),
          Map.entry("video/quicktime", "video/mov"),
          Map.entry("video/x-msvideo", "video/avi"),
          Map.entry("video/x-ms-wmv", "video/wmv"),
          Map.entry("application/x-pdf", "application/pdf"));

  /** Types by file name extension (ai.google.dev/gemini-api/docs/file-input-methods). */
  private static final Map<String, String> ENDINGS =
      Map.ofEntries(
          Map.entry("png", "image/png"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("webp", "image/webp"),
          Map.entry("heic", "image/heic"),
          Map.entry("heif", "image/heif"),
          Map.entry("bmp", "image/bmp"),
          Map.entry("gif", "image/gif"),
          Map.entry("wav", "audio/wav"),
          Map.entry("mp3", "audio/mp3"),
          Map.entry("aiff", "audio/aiff"),
          Map.entry("aac", "audio/aac"),
          Map.entry("ogg", "audio/ogg"),
          Map.entry("flac", "audio/flac"),
          Map.entry("mp4", "video/mp4"),
          Map.entry("mpeg", "video/mpeg"),
          Map.entry("mpg", "video/mpg"),
          Map.entry("mov", "video/mov"),
          Map.entry("avi", "video/avi"),
          Map.entry("flv", "video/x-flv"),
          Map.entry("webm", "video/webm"),
          Map.entry("wmv", "video/wmv"),
          Map.entry("3gp", "video/3gpp"),
          Map.entry("pdf", "application/pdf"),
          Map.entry("json", "application/json"),
          Map.entry("txt", "text/plain"),
          Map.entry("md", "text/markdown"),
          Map.entry("csv", "text/csv"),
          Map.entry("html", "text/html"),
          Map.entry("xml", "text/xml"));

  /** The media in a content part; empty if the part is text or of an unknown type. */
  static Optional<Media> of(JsonNode part) {
    String type = part.path("type").asText();
    JsonNode given = part.path(type);
    return switch (type) {
      case "image_url" -> Optional.of(linked(Kind.IMAGE, given));
      case "video_url" -> Optional.of(linked(Kind.VIDEO, given)); // an extension of vLLM and others
      case "audio_url" -> Optional.of(linked(Kind.SOUND, given));
      case "input_audio" ->
          Optional.of(
              read(
                  Kind.SOUND,
                  text(given.path("data")),
                  given.hasNonNull("format") ? "audio/" + given.path("format").asText() : null));
      case "file" -> Optional.of(file(given));
      default -> Optional.empty();
    };
  }

  /** Some clients write the URL without an object around it. */
  private static Media linked(Kind kind, JsonNode given) {
    String url = text(given.isTextual() ? given : given.path("url")).strip();
    if (!url.isEmpty() && !isData(url) && !isUrl(url)) {
      throw noUrl(kind);
    }
    return read(kind, url, given.path("format").textValue());
  }

  /** OpenAI takes data or the id of an uploaded file; other APIs take URLs instead of ids. */
  private static Media file(JsonNode file) {
    String id = text(file.path("file_id"));
    if (!id.isEmpty() && !isUrl(id)) {
      throw refused(
          "messages",
          "names a file by its id, which this provider does not know. Write its data, or a URL.");
    }
    String content =
        Stream.of("file_data", "file_url")
            .map(name -> text(file.path(name)))
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElse(id);
    String format = file.path("format").textValue();
    return read(
        Kind.FILE,
        content,
        format == null ? ENDINGS.get(ending(file.path("filename").asText())) : format);
  }

  /**
   * Reads content in any of its forms.
   *
   * @param told the type that the part gives; that of a data URL takes precedence
   */
  private static Media read(Kind kind, String content, @Nullable String told) {
    String type = told == null || told.indexOf('/') < 0 ? null : told;
    if (content.isBlank()) {
      throw empty(kind);
    }
    if (isUrl(content)) {
      String named = type == null ? ENDINGS.get(ending(path(kind, content))) : type;
      return new Media(kind, named == null ? null : known(named), content, false);
    }
    if (!isData(content)) {
      return new Media(kind, type == null ? null : known(type), base64(kind, content, 0), true);
    }
    int comma = content.indexOf(',');
    String head = content.substring(DATA.length(), Math.max(comma, DATA.length()));
    if (!BASE64.matcher(head).find()) {
      throw notBase64(kind);
    }
    return new Media(kind, known(head), base64(kind, content, comma + 1), true);
  }

  private static String text(JsonNode node) {
    return node.isTextual() ? node.textValue() : "";
  }

  private static boolean isData(String content) {
    return content.regionMatches(true, 0, DATA, 0, DATA.length());
  }

  private static boolean isUrl(String content) {
    return Stream.of("https://", "http://", "gs://")
        .anyMatch(scheme -> content.regionMatches(true, 0, scheme, 0, scheme.length()));
  }

  /** The provider's name of a type, without parameters such as a charset. */
  private static String known(String type) {
    String plain = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return SYNONYMS.getOrDefault(plain, plain);
  }

  /** Normalises white space, escapes and URL-safe letters, which providers reject. */
  private static String base64(Kind kind, String content, int start) {
    int at = start;
    while (at < content.length() && isBase64(content.charAt(at))) {
      at++;
    }
    if (at == content.length() && at > start) {
      return content.substring(start);
    }
    var clean = new StringBuilder(content.length() - start).append(content, start, at);
    while (at < content.length()) {
      char letter = content.charAt(at);
      int escaped = letter == '%' ? hex(content, at + 1) : -1;
      if (escaped >= 0) {
        letter = (char) escaped;
        at += 2;
      }
      at++;
      char plain = letter == '-' ? '+' : letter == '_' ? '/' : letter;
      if (isBase64(plain)) {
        clean.append(plain);
      } else if (!Character.isWhitespace(plain)) {
        throw notBase64(kind);
      }
    }
    if (clean.isEmpty()) {
      throw empty(kind);
    }
    return clean.toString();
  }

  private static int hex(String content, int at) {
    boolean there =
        at + 1 < content.length()
            && HexFormat.isHexDigit(content.charAt(at))
            && HexFormat.isHexDigit(content.charAt(at + 1));
    return there ? HexFormat.fromHexDigits(content, at, at + 2) : -1;
  }

  private static boolean isBase64(char letter) {
    return (letter >= 'a' && letter <= 'z')
        || (letter >= 'A' && letter <= 'Z')
        || (letter >= '/' && letter <= '9')
        || letter == '+'
        || letter == '=';
  }

  private static UntranslatableException empty(Kind kind) {
    return refused("messages", "holds %s without its content.".formatted(kind.words));
  }

  private static UntranslatableException notBase64(Kind kind) {
    return refused("messages", "holds %s whose data is not in base64.".formatted(kind.words));
  }

  /** The error for a type that a provider does not take. */
  public UntranslatableException notTaken(String provider, String types) {
    return refused(
        "messages",
        "holds %s of type \"%s\", which %s does not take. Use one of %s."
            .formatted(kind.words, type == null ? "unknown" : type, provider, types));
  }

  private static String path(Kind kind, String url) {
    try {
      String path = URI.create(url).getPath();
      return path == null ? "" : path;
    } catch (IllegalArgumentException e) {
      throw noUrl(kind);
    }
  }

  private static UntranslatableException noUrl(Kind kind) {
    return refused("messages", "holds %s whose url is not valid.".formatted(kind.words));
  }

  private static String ending(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
