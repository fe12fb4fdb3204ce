package dev.sidecar.config;

/**
 * A value that must never be printed: {@link #toString()} shows asterisks, only {@link #reveal()} returns the value.
 *
 * <p>Immutable and thread-safe.
 */
public record Secret(String reveal) {

    /** @throws IllegalArgumentException when it cannot stand in a header field: only printable ASCII without spaces can */
    public Secret {
        if (!reveal.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("a secret must be printable ASCII characters without spaces");
        }
    }

    @Override
    public String toString() {
        return "****";
    }
}
