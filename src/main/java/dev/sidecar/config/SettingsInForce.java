package dev.sidecar.config;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Holds the {@link LiveSettings}. A user of a setting reads it for each use, or is told of every change.
 *
 * <p>Thread-safe: the lock permits one change at a time, and is held while the users are told.
 */
public final class SettingsInForce {

    private final List<Consumer<LiveSettings>> users;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile LiveSettings current;

    /** @param users called for each change, in this order; they must not fail with settings that are in range */
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
     * Puts other settings into force, and returns when all users have been told.
     *
     * @param change makes the new settings from those in force; nothing changes if it throws
     * @return the previous settings
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
