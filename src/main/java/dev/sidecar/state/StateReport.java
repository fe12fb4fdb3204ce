package dev.sidecar.state;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether what must outlive the process is written down. Immutable.
 *
 * @param problem why it is not; null if it is
 * @param since since when it is not; null if it is
 */
public record StateReport(@Nullable String problem, @Nullable Instant since) {

    /** All is written down. */
    public static final StateReport WRITTEN = new StateReport(null, null);

    public boolean isWritten() {
        return problem == null;
    }
}
