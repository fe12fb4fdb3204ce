package dev.sidecar.ops;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.traffic.UpstreamEvidence.Source;
import dev.sidecar.upstream.ShortGet;
import dev.sidecar.upstream.UpstreamClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/**
 * Sends {@code GET /v1/models} with the key to the provider, through the proxy's own client and pool. It asks at most
 * once every {@link #FRESH}, for any number of calls, and waits at most {@link #LIMIT}. The result is evidence: any
 * response below 500 shows that the provider can be reached, and the status may show whether it accepts the key.
 *
 * <p>Thread-safe. The lock guards the time of the last probe and lets one thread ask at a time; the others wait.
 */
public final class UpstreamProbe {

    static final Duration FRESH = Duration.ofSeconds(3);
    static final Duration LIMIT = Duration.ofSeconds(5);
    /** Repeated refusals for one model are no reason for repeated probes. */
    static final Duration SUSPICION_RESTS = Duration.ofMinutes(1);
    private static final long LONGEST_RESPONSE = 1_000_000;

    private final UpstreamClient client;
    private final String baseUrl;
    private final List<Header> headers;
    private final UpstreamEvidence evidence;
    private final NanoClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean soon = new AtomicBoolean();
    /** When the last probe ended, null before the first. */
    private volatile @Nullable Long askedNanos;

    /** @param authorization the key, null to send none */
    public UpstreamProbe(UpstreamClient client, String baseUrl, @Nullable Header authorization,
            UpstreamEvidence evidence, NanoClock clock) {
        this.client = client;
        this.baseUrl = baseUrl;
        this.headers = authorization == null ? List.of() : List.of(authorization);
        this.evidence = evidence;
        this.clock = clock;
    }

    /** Asks the provider if the last probe is older than {@link #FRESH}; returns when the evidence is complete. */
    public void ask() {
        askIfOlderThan(FRESH);
    }

    /**
     * Asks the provider without waiting for the response, if the last probe is older than {@link #SUSPICION_RESTS}.
     * Call it when a request has made the key suspect.
     */
    public void askSoon() {
        if (isDue(SUSPICION_RESTS) && soon.compareAndSet(false, true)) {
            Thread.ofVirtual().name("upstream-probe").start(() -> {
                try {
                    askIfOlderThan(SUSPICION_RESTS);
                } finally {
                    soon.set(false);
                }
            });
        }
    }

    /** Asks the provider now; returns when the evidence is complete. */
    void askNow() {
        askIfOlderThan(Duration.ZERO);
    }

    private void askIfOlderThan(Duration age) {
        lock.lock();
        try {
            if (isDue(age)) {
                send();
                askedNanos = clock.nanoTime();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue(Duration age) {
        var last = askedNanos;
        return last == null || clock.nanoTime() - last >= age.toNanos();
    }

    private void send() {
        try {
            evidence.probeAnswered(ShortGet.status(client, baseUrl, "/v1/models", headers, LIMIT, LONGEST_RESPONSE));
        } catch (IOException | RuntimeException e) {
            evidence.failed(Source.PROBE);
        }
    }
}
