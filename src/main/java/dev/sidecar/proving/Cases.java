package dev.sidecar.proving;

import dev.sidecar.proving.Case.Operator;
import dev.sidecar.proving.Case.Target;
import dev.sidecar.simulator.limits.Shape;
import dev.sidecar.simulator.limits.Shapes;
import dev.sidecar.throttle.budget.Pacing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rows of the proving run. */
final class Cases {

    private static final Duration MOVE = Duration.ofMinutes(40);
    /** Two intervals of 40 requests a minute. */
    private static final double HIGH_WAIT_INTERVALS = 2;
    /** Three requests at once, each after one of each of the two other clients. */
    private static final double RARE_WAIT_INTERVALS = 9;

    private final Operator operator;
    private final List<Case> cases = new ArrayList<>();

    private Cases(Operator operator) {
        this.operator = operator;
    }

    /** Every pacing with every shape, and then cases with facts that the operator does not know. */
    static List<Case> all(Operator operator) {
        var all = new Cases(operator);
        all.limitKnown(Pacing.PACED, 1, Optional.of(Target.of(97, 0.1)));
        all.limitKnown(Pacing.AUTO, 10, Optional.of(Target.of(97, 0.1)));
        all.bursts();
        all.limitUnknown();
        all.onAndOff();
        all.flood();
        all.overflow();
        all.shares();
        all.neighbours();
        return all.cases;
    }

    private void limitKnown(Pacing pacing, int fromMinute, Optional<Target> target) {
        int limit = operator.limit();
        for (Shape shape : List.of(Shapes.slidingLog(limit), Shapes.strictSlidingLog(limit), Shapes.fixedWindow(limit),
                Shapes.firstHitWindow(limit), Shapes.slidingCounter(limit), Shapes.tokenBucket(limit, limit),
                Shapes.tokenBucket(limit, 7), Shapes.tokenBucket(limit, 2))) {
            add("limit known", pacing, shape, Demand.FULL, fromMinute, target);
        }
    }

    private void bursts() {
        for (Pacing pacing : List.of(Pacing.WINDOW, Pacing.AUTO)) {
            for (Shape shape : List.of(Shapes.slidingLog(operator.limit()), Shapes.fixedWindow(operator.limit()))) {
                add("limit known, bursts", pacing, shape, Demand.FULL, 1, Optional.of(Target.of(99, 0.05)));
            }
        }
    }

    private void limitUnknown() {
        int limit = operator.limit();
        int less = Math.max(1, limit * 4 / 5);
        if (limit >= Shapes.leastLimit("sub-window")) {
            add("only in parts", Pacing.AUTO, Shapes.subWindow(limit), Demand.FULL, 10,
                    Optional.of(Target.of(95, 0.5)));
        }
        String truth = "truth is " + less;
        for (Shape shape : List.of(Shapes.slidingLog(less), Shapes.fixedWindow(less), Shapes.firstHitWindow(less))) {
            add(truth, Pacing.AUTO, shape, Demand.FULL, 1, Optional.of(Target.of(95, 0.5)));
        }
        for (Shape shape : List.of(Shapes.slidingCounter(less), Shapes.tokenBucket(less, less),
                Shapes.tokenBucket(less, 7))) {
            add(truth, Pacing.AUTO, shape, Demand.FULL, 1, Optional.empty());
        }
        add("refusals count, " + truth, Pacing.AUTO, Shapes.strictSlidingLog(less), Demand.FULL, 1,
                Optional.of(Target.of(93, 0.5)));
        add("limit moves", Pacing.AUTO, Shapes.moving(limit, MOVE), Demand.FULL, 1, Optional.of(Target.of(94, 0.5)));
        add("second user", Pacing.AUTO, Shapes.shared(Shapes.slidingLog(limit), Math.max(1, limit / 3)), Demand.FULL, 1,
                Optional.of(Target.of(90, 1)));
    }

    private void onAndOff() {
        int limit = operator.limit();
        int less = Math.max(1, limit * 4 / 5);
        for (Shape shape : List.of(Shapes.slidingLog(limit), Shapes.fixedWindow(limit), Shapes.slidingCounter(limit),
                Shapes.tokenBucket(limit, 7), Shapes.slidingLog(less))) {
            add("on and off", Pacing.AUTO, shape, Demand.ON_OFF, 10, Optional.empty());
        }
    }

    private void flood() {
        double interval = 60.0 / operator.limit();
        for (Pacing pacing : List.of(Pacing.PACED, Pacing.AUTO)) {
            add("low flood", pacing, Shapes.slidingLog(operator.limit()), Demand.LOW_FLOOD, 1,
                    Optional.of(Target.highWait(HIGH_WAIT_INTERVALS * interval)));
        }
    }

    /** Requests beside a full queue must not reduce the number of accepted requests. */
    private void overflow() {
        int limit = operator.limit();
        for (Shape shape : List.of(Shapes.slidingLog(limit), Shapes.fixedWindow(limit), Shapes.firstHitWindow(limit),
                Shapes.tokenBucket(limit, limit), Shapes.moving(limit, MOVE))) {
            add("beside a full queue", Pacing.AUTO, shape, Demand.OVERFLOW, 1, Optional.of(Target.overflow(96, 3)));
        }
        for (Shape shape : List.of(Shapes.strictSlidingLog(limit), Shapes.slidingCounter(limit),
                Shapes.tokenBucket(limit, 7), Shapes.tokenBucket(limit, 2),
                Shapes.shared(Shapes.slidingLog(limit), Math.max(1, limit / 3)))) {
            add("beside a full queue", Pacing.AUTO, shape, Demand.OVERFLOW, 1, Optional.of(Target.overflow(88, 7)));
        }
        if (limit >= Shapes.leastLimit("sub-window")) {
            add("beside a full queue", Pacing.AUTO, Shapes.subWindow(limit), Demand.OVERFLOW, 10,
                    Optional.of(Target.overflow(90, 4)));
        }
    }

    /** Clients of one class share every way of counting by their weights. */
    private void shares() {
        int limit = operator.limit();
        for (Shape shape : List.of(Shapes.slidingLog(limit), Shapes.strictSlidingLog(limit), Shapes.fixedWindow(limit),
                Shapes.firstHitWindow(limit), Shapes.slidingCounter(limit), Shapes.tokenBucket(limit, limit),
                Shapes.tokenBucket(limit, 7), Shapes.tokenBucket(limit, 2))) {
            add("weights", Pacing.AUTO, shape, Demand.SHARES, 10, Optional.of(Target.shares(97, 0.1)));
        }
        if (limit >= Shapes.leastLimit("sub-window")) {
            add("weights", Pacing.AUTO, Shapes.subWindow(limit), Demand.SHARES, 10,
                    Optional.of(Target.shares(95, 0.5)));
        }
        add("weights, limit moves", Pacing.AUTO, Shapes.moving(limit, MOVE), Demand.SHARES, 1,
                Optional.of(Target.shares(94, 0.5)));
        add("weights, second user", Pacing.AUTO, Shapes.shared(Shapes.slidingLog(limit), Math.max(1, limit / 3)),
                Demand.SHARES, 1, Optional.of(Target.shares(90, 1)));
    }

    /** A client that comes now and then does not notice what the others of its class have waiting. */
    private void neighbours() {
        int limit = operator.limit();
        double interval = 60.0 / limit;
        for (Shape shape : List.of(Shapes.slidingLog(limit), Shapes.fixedWindow(limit), Shapes.tokenBucket(limit, 7))) {
            add("noisy neighbours", Pacing.AUTO, shape, Demand.NEIGHBOURS, 10,
                    Optional.of(Target.neighbours(97, 0.1, RARE_WAIT_INTERVALS * interval)));
        }
        add("neighbours, limit moves", Pacing.AUTO, Shapes.moving(limit, MOVE), Demand.NEIGHBOURS, 1,
                Optional.of(Target.shares(94, 0.5)));
        add("neighbours, second user", Pacing.AUTO, Shapes.shared(Shapes.slidingLog(limit), Math.max(1, limit / 3)),
                Demand.NEIGHBOURS, 1, Optional.of(Target.shares(90, 1)));
    }

    private void add(String name, Pacing pacing, Shape shape, Demand demand, int fromMinute, Optional<Target> target) {
        cases.add(Case.of(name, operator, pacing, shape, demand, fromMinute, target));
    }
}
