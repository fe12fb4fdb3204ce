package dev.sidecar.ops;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.traffic.UpstreamEvidence;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Takes a key that the provider refuses out of the throttle, and tries it again after a rest: first with {@code GET
 * /v1/models}, then, unless that says that the key is good for nothing, with the next request. Thread-safe.
 */
public final class KeyWatch {

    /** How long a refused key rests before it is tried again. */
    public static final Duration REST = Duration.ofMinutes(5);
    /** How often to call {@link #look}. */
    public static final Duration EVERY = Duration.ofSeconds(1);

    private final Throttle<?> throttle;
    private final Consumer<UpstreamEvidence> probe;
    private final Executor threads;
    private final NanoClock clock;
    /** The refused keys, and when their rest began. */
    private final Map<UpstreamEvidence, Long> resting = new ConcurrentHashMap<>();

    /**
     * @param probe asks the provider about a key; returns when the evidence is complete
     * @param threads for the probes, which block
     */
    public KeyWatch(Throttle<?> throttle, Consumer<UpstreamEvidence> probe, Executor threads, NanoClock clock) {
        this.throttle = throttle;
        this.probe = probe;
        this.threads = threads;
        this.clock = clock;
    }

    /** The provider refuses this key, or accepts it again. A further refusal during its rest does not prolong that. */
    public void changed(UpstreamEvidence key) {
        if (key.keyRefused().isPresent()) {
            resting.putIfAbsent(key, clock.nanoTime());
            throttle.keyAccepted(key.keyName(), false);
        } else {
            resting.remove(key);
            throttle.keyAccepted(key.keyName(), true);
        }
    }

    /** Forgets all but these. */
    public void keys(Collection<UpstreamEvidence> inForce) {
        resting.keySet().retainAll(inForce);
    }

    /** Tries the keys that have rested. Does not wait. */
    public void look() {
        resting.forEach((key, since) -> {
            long now = clock.nanoTime();
            if (now - since >= REST.toNanos() && resting.replace(key, since, now)) { // not twice at the same time
                threads.execute(() -> tryAgain(key));
            }
        });
    }

    private void tryAgain(UpstreamEvidence key) {
        probe.accept(key);
        if (!key.isKeyInvalid() && resting.remove(key) != null) {
            throttle.keyAccepted(key.keyName(), true); // the next request decides
        }
    }
}
