package dev.sidecar.fleet;

import static dev.sidecar.fleet.FleetSimulation.MILLI;
import static dev.sidecar.fleet.FleetSimulation.SECOND;

import dev.sidecar.fleet.FleetSimulation.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Random faults of a simulated fleet, also two at a time, with quiet minutes between them. */
final class FleetFaults {

    private final FleetSimulation fleet;
    private long lastFault;
    private long faultUntil;
    /** What was sent in quiet times, and what could have been. */
    double quietSent;
    double quietAllowed;
    double aloneSent;
    double aloneAllowed;
    final List<String> log = new ArrayList<>();

    FleetFaults(FleetSimulation fleet) {
        this.fleet = fleet;
        this.lastFault = fleet.now();
        this.faultUntil = fleet.now();
    }

    private Node any() {
        return fleet.nodes.get(fleet.random.nextInt(fleet.nodes.size()));
    }

    private void fault(String name, long nanos, Runnable begin, Runnable end) {
        fleet.log("FAULT %s for %.1f s", name, nanos / 1e9);
        log.add(name);
        begin.run();
        faultUntil = Math.max(faultUntil, fleet.now() + nanos);
        fleet.after(nanos, () -> {
            fleet.log("end of %s", name);
            end.run();
        });
    }

    /** One random fault from now on. */
    void one() {
        Node node = any();
        FleetSimulation.Redis redis = fleet.redis;
        long shortly = fleet.between(100 * MILLI, 40 * SECOND);
        List<LongConsumer> kinds = List.of(
                nanos -> fault("kill " + node.name, nanos, node::kill, () -> {
                    if (!node.alive) {
                        node.startAgain();
                    }
                }), nanos -> fault("stall " + node.name, nanos, () -> node.stall(nanos), () -> {
                }), nanos -> fault("no Redis", nanos, () -> redis.up = false, () -> redis.up = true),
                nanos -> fault("Redis killed, empty", nanos, () -> redis.up = false, redis::restartEmpty),
                nanos -> fault("Redis paused", nanos, () -> redis.paused = true, redis::resume),
                nanos -> fault("Redis rolled back", nanos, redis::rollBack, () -> {
                }),
                nanos -> fault("Redis clock", nanos, () -> redis.jump(fleet.between(-3_600 * SECOND, 3_600 * SECOND)),
                        () -> {
                        }),
                nanos -> fault("cut " + node.name, nanos, () -> {
                    node.cutIn = true;
                    node.cutOut = true;
                }, () -> {
                    node.cutIn = false;
                    node.cutOut = false;
                }), nanos -> fault("cut in " + node.name, nanos, () -> node.cutIn = true, () -> node.cutIn = false),
                nanos -> fault("cut out " + node.name, nanos, () -> node.cutOut = true, () -> node.cutOut = false),
                nanos -> fault("loss", nanos, () -> redis.loss = 0.2, () -> redis.loss = 0),
                nanos -> fault("doubled", nanos, () -> redis.doubled = 0.3, () -> redis.doubled = 0),
                nanos -> fault("slow", nanos, () -> redis.slowest = 3 * SECOND, () -> redis.slowest = 2 * MILLI),
                nanos -> fault("slow sends of " + node.name, nanos, () -> node.slowestSend = 8 * SECOND,
                        () -> node.slowestSend = 20 * MILLI),
                nanos -> fault("leave " + node.name, nanos, () -> {
                    if (node.alive) {
                        node.leave();
                    }
                }, () -> fleet.after(15 * SECOND, () -> {
                    if (node.alive) {
                        node.kill();
                    }
                    node.startAgain();
                })));
        kinds.get(fleet.random.nextInt(kinds.size())).accept(shortly);
    }

    /** Faults for so long, with measurement of the quiet times. */
    void run(Duration time) {
        long end = fleet.now() + time.toNanos();
        while (fleet.now() < end) {
            one();
            if (fleet.random.nextBoolean()) {
                fleet.run(Duration.ofNanos(fleet.between(0, 20 * SECOND)));
                one();
            }
            fleet.run(Duration.ofNanos(Math.max(0, faultUntil - fleet.now()) + 80 * SECOND));
            long from = fleet.now();
            boolean shared = allShared();
            int parts = parts();
            // Whole windows: after a fault the sends of a window come together, and again each window.
            fleet.run(Duration.ofNanos(dev.sidecar.throttle.budget.BudgetRule.SPAN * fleet.between(1, 5)));
            if (shared && allShared()) {
                double sent = fleet.provider.between(from, fleet.now());
                if (sent < 0.97 * Math.min(parts, parts()) * (fleet.now() - from) / 60e9) {
                    fleet.log("LOW %.3f of %.0f after %s",
                            sent / (Math.min(parts, parts()) * (fleet.now() - from) / 60e9), (fleet.now() - from) / 1e9,
                            log.subList(Math.max(0, log.size() - 2), log.size()));
                    for (Node each : fleet.nodes) {
                        fleet.log("   %s part %d queue %d use %s loans %d leader %s %s", each.name, each.part(),
                                each.queue.size(),
                                each.queue.use(FleetSimulation.ACCOUNT).busy().size() + "+"
                                        + each.queue.use(FleetSimulation.ACCOUNT).inHand(),
                                each.replica.follower().loans().size(), each.replica.leader() != null,
                                each.replica.follower().parts().tables().settled());
                        if (each.replica.leader() != null) {
                            fleet.log("   F: %s size %d", each.replica.leader().queue().use(FleetSimulation.ACCOUNT),
                                    each.replica.leader().queue().size());
                        }
                    }
                }
                quietSent += sent;
                quietAllowed += Math.min(parts, parts()) * (fleet.now() - from) / 60e9;
            } else {
                fleet.log("NOT SHARED");
                notShared++;
            }
        }
    }

    int notShared;

    private int parts() {
        return fleet.nodes.stream().mapToInt(Node::part).sum();
    }

    private boolean allShared() {
        return fleet.nodes.stream().allMatch(each -> each.alive && each.mode() == Follower.Mode.SHARED);
    }
}
