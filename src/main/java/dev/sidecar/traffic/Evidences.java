package dev.sidecar.traffic;

import dev.sidecar.throttle.NanoClock;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What responses and failures say about each provider and each of its keys. Thread-safe.
 */
public final class Evidences {

    private final NanoClock clock;
    private final InstantSource wallClock;
    private final Map<Id, UpstreamEvidence> all = new ConcurrentHashMap<>();
    private volatile List<Id> inForce = List.of();
    private volatile Consumer<UpstreamEvidence> keyListener = _ -> {
    };

    /** A key of a provider, by their names. */
    public record Id(String provider, String key) {
    }

    public Evidences(NanoClock clock, InstantSource wallClock) {
        this.clock = clock;
        this.wallClock = wallClock;
    }

    /** @param listener called when the provider begins or ceases to refuse a key, and for each further refusal */
    public void whenKeyChanges(Consumer<UpstreamEvidence> listener) {
        keyListener = listener;
    }

    /** @param keys those in force from now on, the primary one first; at least one */
    public void keys(List<Id> keys) {
        inForce = List.copyOf(keys);
        keys.forEach(this::of);
        all.keySet().retainAll(keys);
    }

    /** The evidence about a key; a key that is no longer in force has its own for those who still use it. */
    public UpstreamEvidence of(Id key) {
        return all.computeIfAbsent(key,
                id -> new UpstreamEvidence(id.provider(), id.key(), clock, wallClock, each -> tell(id, each)));
    }

    /** A key that is gone, or has another value by now, is not told of. */
    private void tell(Id key, UpstreamEvidence evidence) {
        if (inForce.contains(key) && all.get(key) == evidence) {
            keyListener.accept(evidence);
        }
    }

    /** Begins anew with this key: it has another value than the one that is known. */
    public void forget(Id key) {
        all.remove(key);
    }

    /** The evidence about the keys in force, the primary one first. */
    public List<UpstreamEvidence> all() {
        return inForce.stream().map(this::of).toList();
    }

    /** The evidence about a key by its name, null if it is not in force. */
    public @Nullable UpstreamEvidence named(String key) {
        return inForce.stream().filter(each -> each.key().equals(key)).findFirst().map(this::of).orElse(null);
    }
}
