package dev.sidecar.traffic;

import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evidence of responses and failures about the provider: whether it can be reached, and whether it accepts the key.
 * Requests and the readiness probe feed it; all views read it. Logs each change of the key's state.
 *
 * <p>Thread-safe: the lock is held for a change; readers need none.
 */
public final class UpstreamEvidence {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamEvidence.class);

    /** The source of a response or failure. */
    public enum Source {
        REQUEST, PROBE;

        /** The name in JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final String provider;
    private final String keyName;
    private final Consumer<UpstreamEvidence> keyListener;
    private final NanoClock clock;
    private final InstantSource wallClock;
    private final Object lock = new Object();
    private volatile Reachability reachability = Reachability.NOTHING_HEARD;
    private volatile KeyAcceptance key = KeyAcceptance.NOTHING_KNOWN;
    /** Null when a response below 500 has come since. */
    private volatile @Nullable String latestFailure;

    /**
     * @param keyName the name of the key in logs and views; never the key itself
     * @param keyListener called when the provider begins or ceases to refuse the key, and for each further refusal
     */
    UpstreamEvidence(String provider, String keyName, NanoClock clock, InstantSource wallClock,
            Consumer<UpstreamEvidence> keyListener) {
        this.provider = provider;
        this.keyName = keyName;
        this.keyListener = keyListener;
        this.clock = clock;
        this.wallClock = wallClock;
    }

    /**
     * The provider has responded to a request that was sent with the key.
     *
     * @param counts whether it counts against the limit; only such a request proves anything of the key. What {@code GET} and
     *        {@code DELETE} are refused may be a right of the key, or an object of another one
     * @param model the requested model, null if unknown
     * @param client the name of the client
     * @return whether a probe may clarify: the key is suspect, and not yet known to be refused
     */
    public boolean requestAnswered(int status, boolean counts, @Nullable String model, String client) {
        answered(status, Source.REQUEST);
        if (counts && status < 400) {
            change(KeyAcceptance::requestServed);
            return false;
        }
        if (!KeyAcceptance.isRefusal(status)) {
            return false;
        }
        if (!counts) {
            return key.refused() == null;
        }
        var now = wallClock.instant();
        var known = change(each -> each.requestRefused(status, model, client, now));
        if (known.refused() == null) {
            return true;
        }
        keyListener.accept(this);
        return false;
    }

    /** The provider has responded to {@code GET /v1/models}, sent with the key. */
    public void probeAnswered(int status) {
        answered(status, Source.PROBE);
        if (status >= 500) {
            failed(Source.PROBE);
        }
        var now = wallClock.instant();
        change(known -> known.probed(status, now));
    }

    /** No connection was made, or it failed before the first byte of a response. */
    public void failed(Source source) {
        var heard = new Reachability.Heard(clock.nanoTime(), source);
        var now = wallClock.instant();
        synchronized (lock) {
            reachability = reachability.failed(heard, now);
        }
    }

    /**
     * An attempt has failed. This says how, for people; it decides nothing.
     *
     * @param how words of a closed set, such as {@code connection refused} or {@code status 503}
     */
    public void attemptFailed(String how) {
        latestFailure = how;
    }

    /** How the latest attempt failed, empty if a response below 500 has come since. */
    public Optional<String> latestFailure() {
        return Optional.ofNullable(latestFailure);
    }

    /** A response of 500 and above may come from a proxy before the provider: it proves nothing. */
    private void answered(int status, Source source) {
        if (status < 500) {
            if (latestFailure != null) { // a write of its own for each response would cost more than this look
                latestFailure = null;
            }
            var heard = new Reachability.Heard(clock.nanoTime(), source);
            synchronized (lock) {
                reachability = reachability.answered(heard);
            }
        }
    }

    /** Without the lock the listener may be told twice of the same. */
    private KeyAcceptance change(UnaryOperator<KeyAcceptance> change) {
        if (change.apply(key).equals(key)) { // the usual case, without the lock
            return key;
        }
        synchronized (lock) {
            var before = key;
            var after = change.apply(before);
            key = after;
            report(before.refused(), after.refused());
            if ((before.refused() == null) == (after.refused() == null)) {
                return after;
            }
        }
        keyListener.accept(this);
        return key;
    }

    private void report(@Nullable KeyRefusal before, @Nullable KeyRefusal after) {
        if (before == null && after != null) {
            LOG.atWarn().addKeyValue("key", keyName).addKeyValue("status", after.status()).log("key_refused");
        } else if (before != null && after == null) {
            LOG.atInfo().addKeyValue("key", keyName).log("key_accepted");
        }
    }

    /** The current evidence about the provider's reachability. */
    public Reached reached() {
        var known = reachability;
        long now = clock.nanoTime();
        var latest = known.latest();
        var age = latest == null ? null : Duration.ofNanos(Math.max(0, now - latest.nanos()));
        return new Reached(known.state(now).name().toLowerCase(Locale.ROOT), age,
                latest == null ? null : latest.source(), known.failsSince());
    }

    /** The refusal of the key that holds for all requests, empty if there is none. */
    public Optional<KeyRefusal> keyRefused() {
        return Optional.ofNullable(key.refused());
    }

    /**
     * Whether the latest conclusive probe says that the key is good for nothing. A 403 does not: the key may call models, but
     * not list them.
     */
    public boolean isKeyInvalid() {
        return key.isInvalid();
    }

    /** The first refusal since a request was served; it may concern its model alone. Empty if the key is refused. */
    public Optional<KeyRefusal> modelRefused() {
        var known = key;
        return known.refused() == null ? Optional.ofNullable(known.suspicion()) : Optional.empty();
    }

    public String provider() {
        return provider;
    }

    public String keyName() {
        return keyName;
    }

    /**
     * @param state {@code reachable}, {@code unreachable}, or {@code unknown} before the first evidence
     * @param age the age of the latest evidence
     * @param source the source of the latest evidence
     * @param failsSince when the first failure came since the latest
     *        response; null when the latest evidence is a response
     */
    public record Reached(String state, @Nullable Duration age, @Nullable Source source, @Nullable Instant failsSince) {

        public boolean isReachable() {
            return state.equals("reachable");
        }

        public boolean isUnreachable() {
            return state.equals("unreachable");
        }

        /**
         * What the evidence of several keys says of the provider that they have in common: the newest decides, unless a response
         * has just come with another key.
         *
         * @param all at least one
         */
        public static Reached newest(List<Reached> all) {
            return all.stream().filter(each -> each.isReachable() && each.isNewerThan(Reachability.ANSWER_HOLDS))
                    .findFirst().orElseGet(() -> all.stream().reduce((a, b) -> b.isNewerThan(a.age) ? b : a)
                            .orElseThrow());
        }

        private boolean isNewerThan(@Nullable Duration other) {
            return age != null && (other == null || age.compareTo(other) < 0);
        }
    }
}
