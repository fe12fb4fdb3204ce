package dev.sidecar.fleet;

import static dev.sidecar.fleet.FleetSimulation.MILLI;
import static dev.sidecar.fleet.FleetSimulation.SECOND;

import dev.sidecar.fleet.FleetSimulation.Node;
import dev.sidecar.throttle.budget.BudgetRule;
import java.time.Duration;
import java.util.List;
import java.util.function.LongConsumer;

/** Random faults of a simulated fleet, also two at a time, and quiet windows between them in which its use is measured. */
final class FleetFaults {

    private static final Duration TO_RECOVER = Duration.ofSeconds(80);

    private final FleetSimulation fleet;
    private long faultUntil;
    private double sent;
    private double allowed;
    private int neverShared;

    FleetFaults(FleetSimulation fleet) {
        this.fleet = fleet;
        this.faultUntil = fleet.now();
    }

    /** What was sent in quiet windows, as a part of what those present might have sent. */
    double use() {
        return allowed == 0 ? 1 : sent / allowed;
    }

    /** How many times some replica was not led long after a fault. */
    int neverShared() {
        return neverShared;
    }

    /** Faults for so long. */
    void run(Duration time) {
        long end = fleet.now() + time.toNanos();
        while (fleet.now() < end) {
            fault();
            if (fleet.random.nextBoolean()) {
                fleet.run(Duration.ofNanos(fleet.between(0, 20 * SECOND)));
                fault();
            }
            fleet.run(TO_RECOVER.plusNanos(Math.max(0, faultUntil - fleet.now())));
            measure();
        }
    }

    private void measure() {
        long from = fleet.now();
        boolean sharedBefore = isShared();
        int parts = parts();
        // Whole windows: after a fault the sends of a window come together, and again each window.
        fleet.run(Duration.ofNanos(BudgetRule.SPAN * fleet.between(1, 5)));
        if (sharedBefore && isShared()) {
            sent += fleet.provider.between(from, fleet.now());
            allowed += Math.min(parts, parts()) * (fleet.now() - from) / (double) BudgetRule.PERIOD;
        } else {
            neverShared++;
        }
    }

    private int parts() {
        return fleet.nodes.stream().mapToInt(Node::part).sum();
    }

    private boolean isShared() {
        return fleet.nodes.stream().allMatch(each -> each.alive && each.mode() == Follower.Mode.SHARED);
    }

    /** Two, if the random numbers say so. */
    private void fault() {
        List<LongConsumer> all = all(fleet.nodes.get(fleet.random.nextInt(fleet.nodes.size())), fleet.redis);
        all.get(fleet.random.nextInt(all.size())).accept(fleet.between(100 * MILLI, 40 * SECOND));
    }

    private List<LongConsumer> all(Node node, FleetSimulation.Redis redis) {
        Runnable nothing = () -> {
        };
        return List.of(nanos -> fault("killed " + node.name, nanos, node::kill, () -> again(node)),
                nanos -> fault("stopped " + node.name, nanos, () -> node.stall(nanos), nothing),
                nanos -> fault("leaves " + node.name, nanos, () -> leave(node),
                        () -> fleet.after(15 * SECOND, () -> startAfterLeaving(node))),
                nanos -> fault("no Redis", nanos, () -> redis.up = false, () -> redis.up = true),
                nanos -> fault("Redis killed, empty", nanos, () -> redis.up = false, redis::restartEmpty),
                nanos -> fault("Redis paused", nanos, () -> redis.paused = true, redis::resume),
                nanos -> fault("Redis rolled back", nanos, redis::rollBack, nothing),
                nanos -> fault("clock of Redis", nanos,
                        () -> redis.jump(fleet.between(-3_600 * SECOND, 3_600 * SECOND)), nothing),
                nanos -> fault("cut off " + node.name, nanos, () -> node.cut(true, true), () -> node.cut(false, false)),
                nanos -> fault("deaf " + node.name, nanos, () -> node.cut(true, false), () -> node.cut(false, false)),
                nanos -> fault("mute " + node.name, nanos, () -> node.cut(false, true), () -> node.cut(false, false)),
                nanos -> fault("lost messages", nanos, () -> redis.loss = 0.2, () -> redis.loss = 0),
                nanos -> fault("doubled messages", nanos, () -> redis.doubled = 0.3, () -> redis.doubled = 0),
                nanos -> fault("late messages", nanos, () -> redis.slowest = 3 * SECOND,
                        () -> redis.slowest = 2 * MILLI),
                nanos -> fault("slow sends of " + node.name, nanos, () -> node.slowestSend = 8 * SECOND,
                        () -> node.slowestSend = 20 * MILLI));
    }

    private void fault(String name, long nanos, Runnable begin, Runnable end) {
        fleet.log("begin: %s for %.1f s".formatted(name, nanos / (double) SECOND));
        begin.run();
        faultUntil = Math.max(faultUntil, fleet.now() + nanos);
        fleet.after(nanos, () -> {
            fleet.log("end: %s".formatted(name));
            end.run();
        });
    }

    private static void again(Node node) {
        if (!node.alive) {
            node.startAgain();
        }
    }

    private static void leave(Node node) {
        if (node.alive) {
            node.leave();
        }
    }

    /** A process that could not leave in time is killed. */
    private static void startAfterLeaving(Node node) {
        if (node.alive) {
            node.kill();
        }
        node.startAgain();
    }
}
