package dev.sidecar.proving;

import dev.sidecar.proving.Case.Operator;
import dev.sidecar.proving.KeysCase.LimitedKey;
import dev.sidecar.proving.KeysCase.Network;
import dev.sidecar.proving.KeysCase.Target;
import dev.sidecar.simulator.limits.Shape;
import dev.sidecar.simulator.limits.Shapes;
import java.util.ArrayList;
import java.util.List;

/** The rows of the proving run with several keys. */
final class KeysCases {

    private static final Target NO_REFUSAL = new Target.AllUsed(0.97, 0);
    /** As for a single key: a message that is late by more than the sidecar allows for may cost a refusal. */
    private static final Target ALL_USED = new Target.AllUsed(0.97, 0.001);
    private static final Target UNTOUCHED = new Target.Untouched(0.03);

    private final Operator operator;
    /** The first key of the rows that look at it. */
    private final LimitedKey good;
    private final List<KeysCase> cases = new ArrayList<>();

    private KeysCases(Operator operator) {
        this.operator = operator;
        this.good = key(operator.limit(), Shapes.slidingLog(operator.limit()));
    }

    static List<KeysCase> all(Operator operator) {
        var all = new KeysCases(operator);
        all.equalKeys();
        all.aSmallerKey();
        all.aKeyThatIsSmallerThanItsLimitSays();
        return all.cases;
    }

    private void equalKeys() {
        int limit = operator.limit();
        for (Shape shape : List.of(Shapes.slidingLog(limit), Shapes.strictSlidingLog(limit))) {
            add("two of " + limit, NO_REFUSAL, Network.QUIET, key(limit, shape), key(limit, shape));
            add("two of " + limit, ALL_USED, Network.USUAL, key(limit, shape), key(limit, shape));
        }
    }

    private void aSmallerKey() {
        int limit = operator.limit();
        int half = Math.max(1, limit / 2);
        for (Shape shape : shapes(half)) {
            add(limit + " and " + half, UNTOUCHED, Network.USUAL, good, key(half, shape));
        }
    }

    /** So that the second key is refused again and again. */
    private void aKeyThatIsSmallerThanItsLimitSays() {
        int limit = operator.limit();
        int half = Math.max(1, limit / 2);
        for (Shape shape : List.of(Shapes.slidingLog(half), Shapes.strictSlidingLog(half), Shapes.fixedWindow(half),
                Shapes.tokenBucket(half, 7))) {
            add("two of " + limit + ", truth is " + half, UNTOUCHED, Network.USUAL, good, key(limit, shape));
        }
    }

    private static List<Shape> shapes(int limit) {
        List<Shape> shapes = new ArrayList<>(List.of(Shapes.slidingLog(limit), Shapes.strictSlidingLog(limit),
                Shapes.fixedWindow(limit), Shapes.firstHitWindow(limit), Shapes.slidingCounter(limit),
                Shapes.tokenBucket(limit, limit), Shapes.tokenBucket(limit, 7), Shapes.tokenBucket(limit, 2)));
        if (limit >= Shapes.leastLimit("sub-window")) {
            shapes.add(Shapes.subWindow(limit));
        }
        return shapes;
    }

    private LimitedKey key(int limit, Shape shape) {
        return new LimitedKey(limit, Math.min(operator.burst(), limit), shape);
    }

    private void add(String name, Target target, Network network, LimitedKey... keys) {
        cases.add(new KeysCase(name, List.of(keys), network, operator.queueMax(), target));
    }
}
