package dev.sidecar.upstream.limits;

import org.jspecify.annotations.Nullable;

/** The header fields of one response. */
@FunctionalInterface
public interface HeaderLookup {

    /**
     * The first value of a field, or null if the response does not have it.
     *
     * @param name in lower case; the case in the response does not matter
     */
    @Nullable
    String first(String name);
}
