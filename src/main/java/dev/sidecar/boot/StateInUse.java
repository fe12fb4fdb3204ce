package dev.sidecar.boot;

import dev.sidecar.state.StateFolder;
import dev.sidecar.state.StateReport;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.pool.Ledger;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The folder of {@code SIDECAR_STATE_DIR}, if it is set. Thread-safe. */
final class StateInUse implements AutoCloseable {

    static final StateInUse NONE = new StateInUse(null);

    private final @Nullable StateFolder folder;

    StateInUse(@Nullable StateFolder folder) {
        this.folder = folder;
    }

    Ledger ledger() {
        return folder == null ? Ledger.MEMORY : folder.ledger();
    }

    /** Before the first request is admitted. */
    void takeOver(Throttle<?> throttle) {
        if (folder != null) {
            folder.takeOver(throttle);
            folder.start();
        }
    }

    /** Nothing where the setting is not set. */
    Optional<StateReport> report() {
        return Optional.ofNullable(folder).map(StateFolder::report);
    }

    @Override
    public void close() {
        if (folder != null) {
            folder.close();
        }
    }
}
