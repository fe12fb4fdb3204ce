package dev.sidecar.relay;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory all request bodies together may take. Each is held until its request is answered, which may be a
 * minute in line, so that without a common limit a handful of large uploads would end the process for everyone.
 *
 * <p>Thread-safe.
 */
final class BodyMemory {

    private final long limit;
    private final AtomicLong used = new AtomicLong();

    /**
     * @param limit bytes, for all bodies together
     */
    BodyMemory(long limit) {
        this.limit = limit;
    }

    /** A third of the heap: the rest is for everything else that requests need, and for what is read already. */
    static BodyMemory ofThisProcess() {
        return new BodyMemory(Runtime.getRuntime().maxMemory() / 3);
    }

    /** Takes {@code bytes}, to be given back with {@link #release}; false when that is more than is left. */
    boolean take(long bytes) {
        if (used.addAndGet(bytes) <= limit) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    long used() {
        return used.get();
    }
}
