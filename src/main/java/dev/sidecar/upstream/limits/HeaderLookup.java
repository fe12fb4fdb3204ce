package dev.sidecar.upstream.limits;

import org.jspecify.annotations.Nullable;

/** The header fields of one answer. */
@FunctionalInterface
public interface HeaderLookup {

    /**
     * The first value of a field, or null if the answer does not have it.
     *
     * @param name in lower case; the case of the answer's own name does not matter
     */
    @Nullable
    String first(String name);
}
