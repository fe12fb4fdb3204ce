package dev.sidecar.upstream.limits;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One member of a list in a structured field (RFC 9651), as far as limits need it: {@code "default";q=100;w=60}, {@code
 * 100;w=60} or {@code remaining=50}. Immutable.
 *
 * @param head the text before the first semicolon, without quotes
 * @param parameters the parts after it, each as {@code key=value}
 */
record FieldItem(String head, List<String> parameters) {

    /** No provider states more limits than this; further ones are not read. */
    private static final int MOST = 16;

    /** The members of a list. Reads any text; nonsense gives items without content. */
    static List<FieldItem> list(@Nullable String field) {
        if (field == null) {
            return List.of();
        }
        var items = new ArrayList<FieldItem>();
        for (String member : split(field, ',')) {
            List<String> parts = split(member, ';');
            items.add(new FieldItem(unquoted(parts.getFirst()), List.copyOf(parts.subList(1, parts.size()))));
        }
        return items;
    }

    /** The value of a parameter without its quotes, or null if it is not there. */
    @Nullable
    String parameter(String key) {
        for (String each : parameters) {
            if (each.length() > key.length() && each.charAt(key.length()) == '=' && each.startsWith(key)) {
                return unquoted(each.substring(key.length() + 1));
            }
        }
        return null;
    }

    /** The value of a parameter if it is a whole number of at least this. */
    OptionalInt number(String key, int least) {
        return Allowance.count(parameter(key), least);
    }

    /** Splits outside of quotes. */
    private static List<String> split(String text, char separator) {
        var parts = new ArrayList<String>();
        int start = 0;
        boolean quoted = false;
        for (int i = 0; i < text.length() && parts.size() < MOST - 1; i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        parts.add(text.substring(start).strip());
        return parts;
    }

    private static String unquoted(String text) {
        return text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")
                ? text.substring(1, text.length() - 1)
                : text;
    }
}
