package dev.sidecar.throttle.pool;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one provider, and which of them the provider refuses: for everybody, or for one client and model. Not
 * thread-safe, no clock: it receives the time in nanoseconds.
 */
public final class KeyRing {

    /** How long a key is not tried again for a client and model for which it was refused. */
    static final long REST = 300_000_000_000L;
    /** More of them are forgotten: they cost an attempt each to be found again. */
    static final int MOST_EXCLUSIONS = 1_000;

    private final List<Key> keys;
    private final Set<String> out = new HashSet<>();
    private final Map<Exclusion, Long> excluded = new HashMap<>();

    private record Exclusion(String key, String client, @Nullable String model) {
    }

    /** @param keys at least one */
    public KeyRing(List<Key> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("a provider needs a key");
        }
        this.keys = List.copyOf(keys);
    }

    public List<Key> keys() {
        return keys;
    }

    /** The key for what is not spread, and for everything where the provider refuses all of them. */
    public Key primary() {
        return keys.getFirst();
    }

    /**
     * The provider refuses this key for every request.
     *
     * @return whether that is new
     */
    public boolean takeOut(String key) {
        return keys.stream().anyMatch(each -> each.name().equals(key)) && out.add(key);
    }

    /**
     * The provider accepts this key again for every request.
     *
     * @return whether that is new
     */
    public boolean putBack(String key) {
        boolean changed = excluded.keySet().removeIf(each -> each.key.equals(key));
        return out.remove(key) || changed;
    }

    /** The provider refuses this key to this client for this model. */
    public void exclude(String key, KeyUser user, long now) {
        if (excluded.size() >= MOST_EXCLUSIONS) {
            excluded.values().removeIf(until -> until - now <= 0);
            if (excluded.size() >= MOST_EXCLUSIONS) {
                excluded.clear();
            }
        }
        excluded.put(new Exclusion(key, user.client(), user.model()), now + REST);
    }

    /** How many exclusions are remembered; tests use it to measure memory. */
    int exclusions() {
        return excluded.size();
    }

    /** Takes over what another ring knows about keys that both have. */
    void learnFrom(KeyRing before) {
        keys.forEach(each -> {
            if (before.out.contains(each.name())) {
                out.add(each.name());
            }
        });
        before.excluded.forEach((exclusion, until) -> {
            if (keys.stream().anyMatch(each -> each.name().equals(exclusion.key))) {
                excluded.put(exclusion, until);
            }
        });
    }

    /** Whether the provider refuses this key for every request. */
    public boolean isOut(String key) {
        return out.contains(key);
    }

    /** Whether the provider refuses every key. */
    public boolean allOut() {
        return out.size() == keys.size();
    }

    /** Whether this account has a key that is not refused to everybody. */
    boolean serves(String account) {
        return keys.stream().anyMatch(each -> each.account().equals(account) && !out.contains(each.name()));
    }

    /** Whether any key will do for everybody. */
    boolean isWhole() {
        return out.isEmpty() && excluded.isEmpty();
    }

    /** The first key of this account that the user may use; null if there is none. */
    @Nullable
    Key keyOf(String account, KeyUser user, long now) {
        for (Key each : keys) {
            if (each.account().equals(account) && mayUse(each, user, now)) {
                return each;
            }
        }
        return null;
    }

    /** Whether there is a key that the user may use. */
    public boolean hasKeyFor(KeyUser user, long now) {
        return isWhole() && !user.isChoosy() || keys.stream().anyMatch(each -> mayUse(each, user, now));
    }

    private boolean mayUse(Key key, KeyUser user, long now) {
        if (out.contains(key.name()) || user.refusedBy().contains(key.name())
                || user.primaryOnly() && !key.equals(primary())) {
            return false;
        }
        Long until = excluded.isEmpty()
                ? null
                : excluded.get(new Exclusion(key.name(), user.client(), user.model()));
        return until == null || until - now <= 0;
    }
}
