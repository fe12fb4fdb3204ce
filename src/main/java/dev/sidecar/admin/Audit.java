package dev.sidecar.admin;

import java.util.concurrent.atomic.AtomicLong;
import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who changed what, and who tried to. It has a logger of its own, so that it is written whatever the log level is
 * changed to. Thread-safe.
 */
public final class Audit {

    private static final Logger LOG = LoggerFactory.getLogger("dev.sidecar.audit");
    /** Whoever guesses tokens must not fill the disk. */
    private static final long QUIET_NANOS = Duration.ofSeconds(1).toNanos();

    private final NanoClock clock;
    private final AtomicLong nextDenialNanos;

    public Audit(NanoClock clock) {
        this.clock = clock;
        this.nextDenialNanos = new AtomicLong(clock.nanoTime());
    }

    /** One line; of values that are no secrets. */
    void changed(String address, String field, Object before, Object after) {
        LOG.info("{} changed {} from {} to {}", address, field, before, after);
    }

    /** At most one line a second. */
    void denied(String address, String code) {
        long now = clock.nanoTime();
        long next = nextDenialNanos.get();
        if (now - next >= 0 && nextDenialNanos.compareAndSet(next, now + QUIET_NANOS)) {
            LOG.warn("{} was denied access to the admin functions: {}", address, code);
        }
    }
}
