package dev.sidecar.state;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetState;
import dev.sidecar.throttle.order.LearnedState;
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
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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
    private static final Duration EVERY = Duration.ofSeconds(1);
    /** So long after the latest send all is learned, and nothing counts any more. */
    private static final Duration QUIET = Duration.ofMinutes(3);

    private final Path folder;
    private final NanoClock clock;
    private final InstantSource wallClock;
    private final FileLedger ledger = new FileLedger();
    private final SendFiles files;
    private final LearnedFile learned;
    private final @Nullable FolderLock lock;
    /** One writes at a time. */
    private final ReentrantLock writing = new ReentrantLock();
    private volatile StateReport report = StateReport.WRITTEN;
    private @Nullable Throttle<?> throttle;
    private Runnable stop = () -> {
    };
    private boolean began;
    private long changes;
    private long changedAt;

    private StateFolder(Path folder, NanoClock clock, InstantSource wallClock, Optional<BootId> boot)
            throws FolderInUseException {
        this.folder = folder;
        this.clock = clock;
        this.wallClock = wallClock;
        this.files = new SendFiles(folder, boot);
        this.learned = new LearnedFile(folder, boot);
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
    public void takeOver(Throttle<?> by) {
        throttle = by;
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
        giveTo(by, left, readLearned(now), now);
        begin(before, left, now);
    }

    private LearnedState readLearned(long now) {
        try {
            return learned.read(now).orElse(LearnedState.NOTHING);
        } catch (UnknownSendsException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage())
                    .addKeyValue("note", "limits are learned anew").log("state_unknown");
            return LearnedState.NOTHING;
        }
    }

    private void giveTo(Throttle<?> throttle, LeftSends left, LearnedState known, long now) {
        Map<AccountId, BudgetState> states = new HashMap<>(throttle.budgets());
        states.putAll(known.budgets());
        states.replaceAll((id, state) -> state.withAges(left.ages(id, now)));
        throttle.restore(states);
        throttle.restore(known);
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
            began = true;
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

    /** From now on writes once a second, on a thread of its own, since a disk may be slow. */
    public void start() {
        var every = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("state-writer").factory());
        var running = every.scheduleWithFixedDelay(this::write, EVERY.toMillis(), EVERY.toMillis(),
                TimeUnit.MILLISECONDS);
        stop = () -> {
            running.cancel(false); // a write that has begun goes on: an interrupt would break it off
            every.shutdown();
        };
    }

    /** Writes what was learned, and makes room where a limit has risen. While nothing happens it does nothing. */
    void write() {
        writing.lock();
        try {
            if (began && throttle != null && isDue(clock.nanoTime())) {
                write(throttle);
            }
        } catch (IOException e) {
            failed(e);
        } catch (RuntimeException e) {
            LOG.error("the state was not written", e); // once more in a second
        } finally {
            writing.unlock();
        }
    }

    private boolean isDue(long now) {
        if (ledger.changes() != changes) {
            changes = ledger.changes();
            changedAt = now;
        }
        return now - changedAt < QUIET.toNanos() || ledger.room() > 0 || !report.isWritten();
    }

    private void write(Throttle<?> from) throws IOException {
        int missing = ledger.room();
        if (missing > 0) {
            ledger.add(files.create(missing, List.of()));
        }
        LearnedState state = from.learned();
        learned.write(state, clock.nanoTime());
        if (ledger.hasLost()) {
            failed(new IOException("a limit rose so fast that sends found no room"));
        } else if (!report.isWritten()) {
            report = StateReport.WRITTEN;
            LOG.atInfo().addKeyValue("folder", folder).log("state_written_again");
        }
    }

    /** Said once, until it is written again. */
    private void failed(IOException e) {
        if (report.isWritten()) {
            String problem = e.getClass().getSimpleName() + ": " + e.getMessage();
            report = new StateReport(problem, wallClock.instant());
            LOG.atWarn().addKeyValue("folder", folder).addKeyValue("problem", problem)
                    .addKeyValue("note", "the sidecar goes on; the next start may count a full window as sent")
                    .log("state_not_written");
        }
    }

    /** Writes a last time. */
    @Override
    public void close() {
        stop.run();
        writing.lock();
        try {
            changedAt = clock.nanoTime();
            write();
        } finally {
            writing.unlock();
        }
        unlock();
    }

    /** Lets another process take the folder. */
    void unlock() {
        if (lock != null) {
            try {
                lock.close();
            } catch (IOException e) {
                LOG.debug("the lock ends with the process", e);
            }
        }
    }
}
