package dev.sidecar.config;

/**
 * A value that must never be printed: {@link #toString()} shows asterisks, only {@link #reveal()} the value.
 *
 * <p>Immutable and thread-safe.
 */
public record Secret(String reveal) {

    /** What operators may see: the first four characters and {@code ****}, or {@code ****} alone for short values. */
    public String masked() {
        return reveal.length() > 8 ? reveal.substring(0, 4) + "****" : "****";
    }

    @Override
    public String toString() {
        return "****";
    }
}
