package dev.sidecar.throttle.pool;

/**
 * How many requests of one model may be in flight, as the provider's refusals show. Immutable; every function is pure.
 * All times in nanoseconds, compared by their difference.
 *
 * @param cap how many, at least 1
 * @param quietSince when the provider refused last; after a cool-down, its end
 * @param nextAt when time alone changes it next
 * @param coolDown the latest cool-down, 0 if there was none since the cap was raised
 * @param cooling whether no request may start until {@code nextAt}
 */
record ConcurrencyCap(int cap, long quietSince, long nextAt, long coolDown, boolean cooling) {

    private static final long SECOND = 1_000_000_000L;

    /** The cap rises by one after this long without a refusal. */
    static final long STEP = 10 * SECOND;
    /** After this long without a refusal a cap that does not bind is forgotten. */
    static final long MEMORY = 60 * SECOND;
    /** How long a model rests after a refusal with no other request of the sidecar in flight; doubled each time. */
    static final long FIRST_COOL_DOWN = SECOND;
    static final long LONGEST_COOL_DOWN = 30 * SECOND;

    /**
     * The first refusal.
     *
     * @param others how many others of the model are in flight
     */
    static ConcurrencyCap first(int others, long now) {
        return others == 0 ? cooling(FIRST_COOL_DOWN, now) : new ConcurrencyCap(others, now, now + STEP, 0, false);
    }

    /**
     * A further refusal: the provider now accepts the requests that are in flight beside it. If that is no fewer than
     * the cap, the cap was too high by at least one.
     */
    ConcurrencyCap refused(int others, long now) {
        if (others == 0) {
            return cooling(coolDown == 0 ? FIRST_COOL_DOWN : Math.min(2 * coolDown, LONGEST_COOL_DOWN), now);
        }
        return new ConcurrencyCap(others < cap ? others : Math.max(1, cap - 1), now, now + STEP, coolDown, false);
    }

    /** Whether by {@code nextAt} the quiet time is long enough to forget the cap. */
    boolean isOver(int inFlight) {
        return !cooling && nextAt - quietSince >= MEMORY && cap > inFlight;
    }

    /** The cap from {@code nextAt} on: awake after its cool-down, or one higher. */
    ConcurrencyCap next() {
        return cooling
                ? new ConcurrencyCap(cap, quietSince, nextAt + STEP, coolDown, false)
                : new ConcurrencyCap(cap + 1, quietSince, nextAt + STEP, 0, false);
    }

    private static ConcurrencyCap cooling(long coolDown, long now) {
        return new ConcurrencyCap(1, now + coolDown, now + coolDown, coolDown, true);
    }
}
