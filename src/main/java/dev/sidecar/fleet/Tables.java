package dev.sidecar.fleet;

import org.jspecify.annotations.Nullable;

/**
 * What a home knows about the division of the limits. Immutable.
 *
 * @param settled the latest table by which it got its parts; null before the first
 * @param proposed a later one that it has agreed to, and that may be in force elsewhere; null for none
 */
public record Tables(@Nullable Table settled, @Nullable Table proposed) {

    /** Of a home that knows nothing. */
    public static final Tables NONE = new Tables(null, null);

    /** The highest version that it knows. */
    Version highest() {
        Version first = settled == null ? Version.NONE : settled.version();
        return proposed == null || proposed.version().compareTo(first) < 0 ? first : proposed.version();
    }
}
