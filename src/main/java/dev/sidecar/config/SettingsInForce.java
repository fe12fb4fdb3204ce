package dev.sidecar.config;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Holds the {@link LiveSettings}. Who needs one of them asks for each use, or is told of every change.
 *
 * <p>Thread-safe: the lock lets one change at a time happen, and is held while the others are told of it.
 */
public final class SettingsInForce {

    private final List<Consumer<LiveSettings>> users;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile LiveSettings current;

    /** @param users told of each change, in this order; they must not fail with settings that are in range */
    public SettingsInForce(LiveSettings start, List<Consumer<LiveSettings>> users) {
        this.current = start;
        this.users = List.copyOf(users);
    }

    public LiveSettings get() {
        return current;
    }

    public Duration requestTimeout() {
        return current.requestTimeout();
    }

    /**
     * Puts other settings into force, and returns when everybody has been told.
     *
     * @param change makes the new settings of those in force; nothing happens if it throws
     * @return the settings before
     */
    public LiveSettings change(UnaryOperator<LiveSettings> change) {
        lock.lock();
        try {
            var before = current;
            var after = change.apply(before);
            if (!after.equals(before)) {
                current = after;
                users.forEach(user -> user.accept(after));
            }
            return before;
        } finally {
            lock.unlock();
        }
    }
}
