package dev.sidecar.files;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong in a document, at a place that the document can find.
 *
 * @param path names of fields, and positions in lists from 0, beginning at the root
 * @param field the name of a field there, if the name itself is wrong; null otherwise
 * @param reason one line, without secrets
 */
public record Finding(List<Object> path, @Nullable String field, String reason) {

    public Finding {
        path = List.copyOf(path);
    }

    /** A wrong value. */
    public static Finding at(String reason, Object... path) {
        return new Finding(List.of(path), null, reason);
    }

    /** The same, in a document that contains this one. */
    public Finding within(Object... parents) {
        var whole = new ArrayList<>(List.of(parents));
        whole.addAll(path);
        return new Finding(whole, field, reason);
    }
}
