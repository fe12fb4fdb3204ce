package dev.sidecar.clients;

import dev.sidecar.throttle.order.Priority;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The classes of a client's requests.
 *
 * @param usual the class of a request that asks for none
 * @param highest what a request gets that asks for more
 */
public record ClassRange(Priority usual, Priority highest) {

    /** Every class, as the request asks. */
    public static final ClassRange ANY = new ClassRange(Priority.NORMAL, Priority.HIGH);

    public ClassRange {
        if (usual.compareTo(highest) < 0) {
            throw new IllegalArgumentException("the default class " + usual + " is above the highest " + highest);
        }
    }

    /** @param asked the text of the request, in any case; absent or unknown text asks for none */
    public Priority of(@Nullable String asked) {
        var class_ = named(asked);
        return class_.compareTo(highest) < 0 ? highest : class_;
    }

    private Priority named(@Nullable String asked) {
        if (asked == null) {
            return usual;
        }
        var name = asked.strip().toLowerCase(Locale.ROOT);
        for (var priority : Priority.values()) {
            if (priority.label().equals(name)) {
                return priority;
            }
        }
        return usual;
    }
}
