package dev.sidecar.admin;

import dev.sidecar.http.ErrorBody;
import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs changes by administrators, and denied attempts. It has its own logger, so it is written at every configured log
 * level. Thread-safe.
 */
public final class Audit {

    private static final Logger LOG = LoggerFactory.getLogger("dev.sidecar.audit");
    /** A guesser of tokens must not fill the disk. */
    private static final long QUIET_NANOS = Duration.ofSeconds(1).toNanos();

    private static final int TOO_MANY_REQUESTS = 429;

    private final NanoClock clock;
    private final AtomicLong nextDenialNanos;

    public Audit(NanoClock clock) {
        this.clock = clock;
        this.nextDenialNanos = new AtomicLong(clock.nanoTime());
    }

    /** Logs one line; the values must not be secrets. */
    void changed(String address, String field, Object before, Object after) {
        LOG.info("{} changed {} from {} to {}", address, field, before, after);
    }

    /** An address has given so many wrong tokens or keys that further ones are refused without a check. */
    void blocked(String address) {
        LOG.warn("{} has given {} wrong tokens or keys within {} s: it is answered 429 to further wrong ones for {} s",
                address,
                Guesses.PERMITTED, Guesses.PERIOD.toSeconds(), Guesses.PERIOD.toSeconds());
    }

    /** At most one line a second. A blocked address already has its line. */
    void denied(String address, ErrorBody error) {
        if (error.status() == TOO_MANY_REQUESTS) {
            return;
        }
        long now = clock.nanoTime();
        long next = nextDenialNanos.get();
        if (now - next >= 0 && nextDenialNanos.compareAndSet(next, now + QUIET_NANOS)) {
            LOG.warn("{} was denied access to the admin functions: {}", address, error.code());
        }
    }
}
