package dev.sidecar.ingress;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A limit on memory, counted by its users. A share may lie within a larger one: memory taken from the share is taken
 * from both.
 *
 * <p>Thread-safe.
 */
final class MemoryBudget {

    private final long limit;
    private final @Nullable MemoryBudget whole;
    private final AtomicLong used = new AtomicLong();

    private MemoryBudget(long limit, @Nullable MemoryBudget whole) {
        this.limit = limit;
        this.whole = whole;
    }

    /**
     * @param limit bytes
     */
    static MemoryBudget of(long limit) {
        return new MemoryBudget(limit, null);
    }

    /**
     * A part of this share.
     *
     * @param limit bytes
     */
    MemoryBudget part(long limit) {
        return new MemoryBudget(limit, this);
    }

    /** Takes {@code bytes}, to be given back with {@link #release}; false when less is left. */
    boolean take(long bytes) {
        if (used.addAndGet(bytes) <= limit && (whole == null || whole.take(bytes))) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    /** Whether {@code bytes} are left now. Takes nothing, so another thread may take them first. */
    boolean has(long bytes) {
        return used.get() + bytes <= limit && (whole == null || whole.has(bytes));
    }

    void release(long bytes) {
        used.addAndGet(-bytes);
        if (whole != null) {
            whole.release(bytes);
        }
    }

    long used() {
        return used.get();
    }
}
