package dev.sidecar.throttle.budget;

/**
 * How many of the provider's recent responses were refusals: over the trailing minute, counted in steps of five
 * seconds. Every operation is O(1); memory does not depend on the rate. Not thread-safe, no clock.
 */
final class RecentResponses {

    private static final int STEPS = 12;
    private static final long STEP = BudgetRule.PERIOD / STEPS;

    private final int[] accepted = new int[STEPS];
    private final int[] refused = new int[STEPS];
    private final long origin;
    private long step;

    RecentResponses(long now) {
        origin = now;
    }

    void accepted(long now) {
        accepted[position(now)]++;
    }

    void refused(long now) {
        refused[position(now)]++;
    }

    int refusals(long now) {
        position(now);
        return sum(refused);
    }

    /** The part of refusals among all responses, 0 to 1; 0 if there were none. */
    double share(long now) {
        int refusals = refusals(now);
        return refusals == 0 ? 0 : (double) refusals / (refusals + sum(accepted));
    }

    private int position(long now) {
        long current = Math.max(step, (now - origin) / STEP);
        for (long each = Math.max(step + 1, current - STEPS + 1); each <= current; each++) {
            accepted[(int) (each % STEPS)] = 0;
            refused[(int) (each % STEPS)] = 0;
        }
        step = current;
        return (int) (current % STEPS);
    }

    private static int sum(int[] counts) {
        int sum = 0;
        for (int each : counts) {
            sum += each;
        }
        return sum;
    }
}
