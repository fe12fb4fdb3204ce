package dev.sidecar.state;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetState;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder where the window of the minute survives a restart. A folder that cannot be written stops nobody: that is
 * said, and the next start counts a full window.
 *
 * <p>
 * Thread-safe, if {@link #takeOver} is called once, before the throttle admits its first request.
 */
public final class StateFolder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);

    private final Path folder;
    private final NanoClock clock;
    private final InstantSource wallClock;
    private final FileLedger ledger = new FileLedger();
    private final SendFiles files;
    private final @Nullable FolderLock lock;
    private volatile StateReport report = StateReport.WRITTEN;

    private StateFolder(Path folder, NanoClock clock, InstantSource wallClock, Optional<BootId> boot)
            throws FolderInUseException {
        this.folder = folder;
        this.clock = clock;
        this.wallClock = wallClock;
        this.files = new SendFiles(folder, boot);
        this.lock = lock();
    }

    /**
     * Takes the folder for this process, and makes it where it is missing.
     *
     * @throws FolderInUseException when another process uses it
     */
    public static StateFolder open(Path folder, NanoClock clock, InstantSource wallClock) {
        return open(folder, clock, wallClock, BootId.current());
    }

    static StateFolder open(Path folder, NanoClock clock, InstantSource wallClock, Optional<BootId> boot) {
        return new StateFolder(folder, clock, wallClock, boot);
    }

    private @Nullable FolderLock lock() {
        try {
            Files.createDirectories(folder);
            return FolderLock.of(folder);
        } catch (IOException e) {
            failed(e);
            return null;
        }
    }

    /** Where the throttle's sends are written down. */
    public Ledger ledger() {
        return ledger;
    }

    public StateReport report() {
        return report;
    }

    /** Gives the throttle what earlier processes have left, and begins to write its sends down. */
    public void takeOver(Throttle<?> throttle) {
        long now = clock.nanoTime();
        List<Path> before = List.of();
        LeftSends left;
        try {
            before = lock == null && !Files.exists(folder) ? List.of() : files.all();
            left = LeftSends.of(files.read(before), now);
        } catch (UnknownSendsException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage())
                    .addKeyValue("note", "a full window counts as sent: up to a minute passes before the first request")
                    .log("state_unknown");
            left = LeftSends.fullWindow(now);
        }
        giveTo(throttle, left, now);
        begin(before, left, now);
    }

    private void giveTo(Throttle<?> throttle, LeftSends left, long now) {
        Map<AccountId, BudgetState> states = new HashMap<>();
        throttle.budgets().forEach((id, fresh) -> states.put(id, fresh.withAges(left.ages(id, now))));
        throttle.restore(states);
        left.full().ifPresent(at -> throttle.fill(Duration.ofNanos(clock.nanoTime() - at)));
        LOG.atInfo().addKeyValue("sends", left.records().size() + left.torn()).log("state_taken_over");
    }

    private void begin(List<Path> before, LeftSends left, long now) {
        if (lock == null) {
            noteUnwritten();
            return;
        }
        try {
            ledger.add(files.create(ledger.room() + left.records().size(), left.toRecords(ledger.accounts(), now)));
            files.forget(before);
        } catch (IOException e) {
            failed(e);
            noteUnwritten();
        }
    }

    private void noteUnwritten() {
        try {
            files.noteUnwritten();
        } catch (IOException e) {
            LOG.debug("not even that can be noted", e);
        }
    }

    /** Said once, until it is written again. */
    private void failed(IOException e) {
        if (report.isWritten()) {
            String problem = e.getClass().getSimpleName() + ": " + e.getMessage();
            report = new StateReport(problem, wallClock.instant());
            LOG.atWarn().addKeyValue("folder", folder).addKeyValue("problem", problem)
                    .addKeyValue("note", "the sidecar goes on; the next start counts a full window")
                    .log("state_not_written");
        }
    }

    @Override
    public void close() {
        if (lock != null) {
            try {
                lock.close();
            } catch (IOException e) {
                LOG.debug("the lock ends with the process", e);
            }
        }
    }
}
