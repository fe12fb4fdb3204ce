package dev.sidecar.clients;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sidecar.throttle.order.Priority;
import org.jspecify.annotations.Nullable;

/**
 * The field {@code class} of a client in the file.
 *
 * @param usual the field {@code default}; {@code normal}, or {@code max} if that is lower, where it is absent
 * @param max {@code high} where it is absent
 */
public record ClassesEntry(@JsonProperty("default") @Nullable Priority usual, @Nullable Priority max) {

    /** Whether the default is above what the client may have. */
    boolean isContradictory() {
        return usual != null && usual.compareTo(highest()) < 0;
    }

    ClassRange range() {
        var most = highest();
        var normal = most.compareTo(Priority.NORMAL) > 0 ? most : Priority.NORMAL;
        return new ClassRange(usual == null ? normal : usual, most);
    }

    private Priority highest() {
        return max == null ? Priority.HIGH : max;
    }
}
