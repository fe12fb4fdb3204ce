package dev.sidecar.throttle.budget;

/**
 * The effect of the provider's refusals on the rate: the three {@linkplain RetreatState states}, and an estimate of the
 * real limit. Immutable; every function is pure. Rates are requests a minute, times nanoseconds.
 *
 * <h2>Learning</h2> A refused request shows the provider's <i>load</i>: the requests that it had accepted in the
 * trailing window at that moment. The smallest load at a refusal is taken as the limit. A load below half of the rate
 * in force has another cause (a limit on bursts, or somebody else's traffic) and only cuts the rate. A learned limit is
 * never above the operator's limit.
 *
 * <h2>Keeping up</h2> A limit may rise again, so it is {@linkplain Probe probed}: rarely, and less often after each
 * probe without gain. AIMD raises the rate a little all the time instead. This causes a refusal at every peak and
 * leaves part of the budget unused.
 *
 * @param base the operator's limit
 * @param level the rate in force: at least 1, at most {@code base}
 * @param limit the estimate of the real limit, {@link #UNKNOWN} while nothing has been learned
 * @param changedAt when the level was last cut, or raised a step
 * @param refusedAt when the provider last refused
 */
public record Retreat(RetreatState state, double base, double level, double limit, long changedAt, long refusedAt,
        Probe probe) {

    static final double UNKNOWN = Double.POSITIVE_INFINITY;
    /** A larger part of refusals among the recent responses begins a retreat. */
    static final double SHARE = 0.05;
    public static final double FACTOR = 0.75;

    private static final double STEP = 0.05;
    private static final long STEP_NANOS = BudgetRule.PERIOD / 6;
    private static final double CORRECTION = 0.97;

    static Retreat normal(double base, long now) {
        return new Retreat(RetreatState.NORMAL, base, base, UNKNOWN, now, now - BudgetRule.PERIOD, Probe.none(now));
    }

    /** The operator's limit changed. A learned limit stays, but is forgotten where it no longer restricts. */
    Retreat rebased(double newBase, long now) {
        if (state == RetreatState.NORMAL || limit >= newBase && level >= newBase) {
            return normal(newBase, now);
        }
        return new Retreat(state, newBase, Math.min(level, newBase), limit, changedAt, refusedAt, probe);
    }

    /** When {@link #at} next has something to do, nanoseconds from now. */
    long delay(long now) {
        return switch (state) {
            case NORMAL -> Long.MAX_VALUE;
            case RETREAT -> refusedAt + BudgetRule.PERIOD - now;
            case RECOVER -> level < target()
                    ? changedAt + STEP_NANOS - now
                    : probe.running() ? Long.MAX_VALUE : probe.dueAt() - now;
        };
    }

    /** Lets time pass. */
    Retreat at(boolean paced, long now) {
        return switch (state) {
            case NORMAL -> this;
            case RETREAT -> now - refusedAt >= BudgetRule.PERIOD
                    ? new Retreat(RetreatState.RECOVER, base, level, limit, now, refusedAt, probe.postponed(now))
                    : this;
            case RECOVER -> {
                if (level < target()) {
                    yield now - changedAt >= STEP_NANOS ? stepped(now) : this;
                }
                yield probe.isDue(now) ? probing(limit, probe.started(limit, now), paced) : this;
            }
        };
    }

    /**
     * The provider accepted a request.
     *
     * @param load the requests it had accepted in the trailing window before
     * @param sentAt when the request was sent
     */
    Retreat accepted(double load, long sentAt, boolean paced, long now) {
        if (state == RetreatState.RETREAT && sentAt - changedAt <= 0 && load + 1 > limit) {
            // Requests overtake each other on the way: one refused early may have arrived last.
            return new Retreat(state, base, level, Math.min(base, load + 1), changedAt, refusedAt, probe);
        }
        if (!probe.hasRunForAWindow(now) || load + 1 <= limit) {
            return this;
        }
        double shown = Math.min(load + 1, level);
        return shown > base - 1
                ? new Retreat(RetreatState.NORMAL, base, base, UNKNOWN, now, refusedAt, probe.arrived(now))
                : probing(shown, probe.raised(now), paced);
    }

    /**
     * The provider refused a request.
     *
     * @param load the requests it had accepted in the trailing window before
     * @param sentAt when the request was sent
     * @param alarm whether refusals exceed {@link #SHARE} of the recent responses
     */
    Retreat refused(double load, long sentAt, boolean alarm, long now) {
        boolean fresh = sentAt - changedAt > 0;
        boolean telling = load >= level / 2;
        if (state == RetreatState.NORMAL) {
            if (alarm && probe.isOnTrial(now)) {
                double lower = Math.max(1, Math.min(level * FACTOR, probe.from()));
                return new Retreat(RetreatState.RETREAT, base, lower, probe.from(), now, now,
                        probe.disproved(true, now));
            }
            return alarm
                    ? cut(telling ? load : UNKNOWN, now)
                    : new Retreat(state, base, level, limit, changedAt, now, probe);
        }
        if (probe.running()) {
            return probed(telling ? load : limit * CORRECTION, now);
        }
        double found = telling ? Math.min(limit, load) : limit;
        if (state == RetreatState.RETREAT) {
            return fresh && now - changedAt >= STEP_NANOS ? cut(found, now) : held(RetreatState.RETREAT, found, now);
        }
        if (!fresh) {
            return held(RetreatState.RECOVER, found, now);
        }
        if (probe.isOnTrial(now)) {
            double back = probe.doubtful() ? probe.from() : (probe.from() + limit) / 2;
            return new Retreat(state, base, Math.min(level, back), back, now, now,
                    probe.disproved(probe.doubtful(), now));
        }
        if (alarm) {
            return cut(found, now);
        }
        return held(RetreatState.RECOVER,
                found < limit ? Math.max(found, limit * CORRECTION) : Math.min(limit, level) * CORRECTION, now)
                .trusting();
    }

    private Retreat trusting() {
        return new Retreat(state, base, level, limit, changedAt, refusedAt, probe.trusted());
    }

    private double target() {
        return Math.min(base, limit);
    }

    private Retreat stepped(long now) {
        double raised = Math.min(target(), level + STEP * base);
        if (raised >= base) {
            return normal(base, now);
        }
        return new Retreat(state, base, raised, limit, now, refusedAt, probe);
    }

    private Retreat cut(double found, long now) {
        double lower = Math.max(1, Math.min(level * FACTOR, found));
        return new Retreat(RetreatState.RETREAT, base, lower, Math.max(1, found), now, now, probe.postponed(now));
    }

    private Retreat held(RetreatState newState, double found, long now) {
        double limited = Math.max(1, found);
        double lower = Math.min(level, limited);
        return new Retreat(newState, base, lower, limited, lower < level ? now : changedAt, now, probe.postponed(now));
    }

    private Retreat probed(double found, long now) {
        double believed = found <= limit || !probe.doubtful() ? Math.min(found, limit * 1.1) : limit;
        double limited = Math.clamp(believed, 1, base);
        return new Retreat(state, base, limited, limited, now, now, probe.ended(limited, now));
    }

    private Retreat probing(double shown, Probe running, boolean paced) {
        double above = paced ? shown * Probe.FACTOR : shown + 1;
        return new Retreat(state, base, Math.min(base, above), shown, changedAt, refusedAt, running);
    }
}
