package dev.sidecar.traffic;

import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What answers and failures show of the provider: whether it can be reached, and whether it accepts the key. Requests
 * and the readiness probe feed it; all views read it. Logs each change of what is known of the key.
 *
 * <p>Thread-safe: the lock is held for a change; readers need none.
 */
public final class UpstreamEvidence {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamEvidence.class);

    /** Where a sign comes from. */
    public enum Source {
        REQUEST, PROBE;

        /** In answers. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final String keyName;
    private final NanoClock clock;
    private final InstantSource wallClock;
    private final Object lock = new Object();
    private volatile Reachability reachability = Reachability.NOTHING_HEARD;
    private volatile KeyAcceptance key = KeyAcceptance.NOTHING_KNOWN;

    /** @param keyName what the key is called, in logs and views; never the key itself */
    public UpstreamEvidence(String keyName, NanoClock clock, InstantSource wallClock) {
        this.keyName = keyName;
        this.clock = clock;
        this.wallClock = wallClock;
    }

    /**
     * The provider has answered a request that was sent with the key.
     *
     * @param counts whether it counts against the limit; only such a one shows by its success that the key is accepted
     * @param model that it asked for, null if that cannot be told
     * @return whether the probe may tell more: the key is suspect, and not yet known to be refused
     */
    public boolean requestAnswered(int status, boolean counts, @Nullable String model) {
        answered(status, Source.REQUEST);
        if (counts && status < 400) {
            change(KeyAcceptance::requestServed);
            return false;
        }
        if (!KeyAcceptance.isRefusal(status)) {
            return false;
        }
        var now = wallClock.instant();
        return change(known -> known.requestRefused(status, model, now)).refused() == null;
    }

    /** The provider has answered {@code GET /v1/models}, sent with the key. */
    public void probeAnswered(int status) {
        answered(status, Source.PROBE);
        if (status >= 500) {
            failed(Source.PROBE);
        }
        var now = wallClock.instant();
        change(known -> known.probed(status, now));
    }

    /** No connection was made, or it failed before a byte of an answer came. */
    public void failed(Source source) {
        var heard = new Reachability.Heard(clock.nanoTime(), source);
        var now = wallClock.instant();
        synchronized (lock) {
            reachability = reachability.failed(heard, now);
        }
    }

    /** An answer of 500 and above may come from a proxy before the provider: it shows nothing. */
    private void answered(int status, Source source) {
        if (status < 500) {
            var heard = new Reachability.Heard(clock.nanoTime(), source);
            synchronized (lock) {
                reachability = reachability.answered(heard);
            }
        }
    }

    private KeyAcceptance change(UnaryOperator<KeyAcceptance> change) {
        if (change.apply(key).equals(key)) { // as nearly always
            return key;
        }
        synchronized (lock) {
            var before = key;
            var after = change.apply(before);
            key = after;
            report(before.refused(), after.refused());
            return after;
        }
    }

    private void report(@Nullable KeyRefusal before, @Nullable KeyRefusal after) {
        if (before == null && after != null) {
            LOG.atWarn().addKeyValue("key", keyName).addKeyValue("status", after.status()).log("key_refused");
        } else if (before != null && after == null) {
            LOG.atInfo().addKeyValue("key", keyName).log("key_accepted");
        }
    }

    /** What is known now of the provider's being there. */
    public Reached reached() {
        var known = reachability;
        long now = clock.nanoTime();
        var latest = known.latest();
        var age = latest == null ? null : Duration.ofNanos(Math.max(0, now - latest.nanos()));
        return new Reached(known.state(now).name().toLowerCase(Locale.ROOT), age,
                latest == null ? null : latest.source(), known.failsSince());
    }

    /** The refusal of the key that holds for all requests, empty as long as there is none. */
    public Optional<KeyRefusal> keyRefused() {
        return Optional.ofNullable(key.refused());
    }

    /** The refusal of a request, with none served since, that may concern its model alone; empty if the key is refused. */
    public Optional<KeyRefusal> modelRefused() {
        var known = key;
        return known.refused() == null ? Optional.ofNullable(known.suspicion()) : Optional.empty();
    }

    public String keyName() {
        return keyName;
    }

    /**
     * @param state {@code reachable}, {@code unreachable}, or {@code unknown} before the first sign
     * @param age how old the latest sign is
     * @param source of the latest sign
     * @param failsSince when the first failure came that no answer has followed; null when the latest sign is an answer
     */
    public record Reached(String state, @Nullable Duration age, @Nullable Source source, @Nullable Instant failsSince) {

        public boolean isReachable() {
            return state.equals("reachable");
        }

        public boolean isUnreachable() {
            return state.equals("unreachable");
        }
    }
}
