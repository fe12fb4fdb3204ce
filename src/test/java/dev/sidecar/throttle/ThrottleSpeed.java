package dev.sidecar.throttle;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Verdict;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** How many requests a second of processor time go through one throttle in one thread; run by hand, not a test. */
final class ThrottleSpeed {

    private static final int CYCLES = 3_000_000;

    private ThrottleSpeed() {
    }

    public static void main(String[] args) {
        for (int waiting : new int[]{0, 0, 0, 1000, 100_000}) {
            run(waiting);
        }
    }

    /** With this many waiting behind, so that the line is as deep as it would be under load. */
    private static void run(int waiting) {
        var settings = new ThrottleSettings(1_000_000, 1_000_000, Pacing.WINDOW, 1_000_000, Duration.ofDays(1),
                Duration.ofDays(1), false);
        var clock = new VirtualClock(0);
        var throttle = new Throttle<String>(settings, clock);
        for (int i = 0; i < waiting; i++) {
            admit(throttle);
        }
        var thread = ManagementFactory.getThreadMXBean();
        long began = thread.getCurrentThreadCpuTime();
        for (int i = 0; i < CYCLES; i++) {
            admit(throttle);
            while (!(throttle.next() instanceof Next.Depart<String>(var departure))
                    || !(departure.verdict() instanceof Verdict.Granted(var slot)) || !finish(slot)) {
                clock.advance(61_000);
            }
            clock.advance(61_000);
        }
        double seconds = (thread.getCurrentThreadCpuTime() - began) / 1e9;
        System.out.printf("%d waiting: %.2f million cycles a second%n", waiting, CYCLES / seconds / 1e6);
    }

    private static void admit(Throttle<String> throttle) {
        if (throttle.admit(Priority.NORMAL, null) instanceof Admission.Queued<String>(var ticket, var _, var _)) {
            throttle.enqueue(ticket, "payload");
        }
    }

    private static boolean finish(Slot slot) {
        slot.sent();
        return slot.succeeded();
    }
}
