package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.List;

/** A rate that moves in steps over time, counted from a start. Immutable. */
public record Schedule(List<Step> steps) {

    private static final double MINUTE = Duration.ofMinutes(1).toNanos();

    public Schedule {
        steps = List.copyOf(steps);
        if (steps.isEmpty() || !steps.getFirst().from().isZero()) {
            throw new IllegalArgumentException("the first step must be at the start, got " + steps);
        }
        for (int i = 1; i < steps.size(); i++) {
            if (steps.get(i).from().compareTo(steps.get(i - 1).from()) <= 0) {
                throw new IllegalArgumentException("each step must be later than the one before, got " + steps);
            }
        }
    }

    /** A rate from this time after the start: 1 to 1,000,000 requests a minute. */
    public record Step(Duration from, int perMinute) {

        public Step {
            Sizes.atLeast1("perMinute", perMinute);
        }
    }

    /** A constant rate. */
    public static Schedule always(int perMinute) {
        return new Schedule(List.of(new Step(Duration.ZERO, perMinute)));
    }

    /** The rate at this time after the start; before the start, the first rate. */
    public int at(Duration sinceStart) {
        int perMinute = steps.getFirst().perMinute();
        for (Step step : steps) {
            if (step.from().compareTo(sinceStart) <= 0) {
                perMinute = step.perMinute();
            }
        }
        return perMinute;
    }

    /** How many requests the rate allows between two times after the start. */
    public double between(Duration from, Duration to) {
        double sum = 0;
        for (int i = 0; i < steps.size(); i++) {
            Duration begin = later(steps.get(i).from(), from);
            Duration end = i + 1 < steps.size() && steps.get(i + 1).from().compareTo(to) < 0
                    ? steps.get(i + 1).from()
                    : to;
            sum += Math.max(0, end.minus(begin).toNanos()) / MINUTE * steps.get(i).perMinute();
        }
        return sum;
    }

    private static Duration later(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
