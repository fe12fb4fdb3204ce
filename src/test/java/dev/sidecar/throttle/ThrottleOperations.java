package dev.sidecar.throttle;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * A throttle in use, and everything that can be done to it, each as one step that answers in words: three slots handed
 * out, one request ready in line, and one that has a place and is not enqueued yet. Time stands still but for
 * {@link #timePasses}, which is one step like the others because every reading of the clock is made under the lock.
 */
@Param(name = "slot", gen = IntGen.class, conf = "0:2")
@Param(name = "ticket", gen = IntGen.class, conf = "0:1")
@Param(name = "limit", gen = IntGen.class, conf = "1:8")
public class ThrottleOperations {

    private static final String MODEL = "m";

    private final VirtualClock clock = new VirtualClock(0);
    private final Throttle<String> throttle = new Throttle<>(settings(6, Pacing.AUTO), clock);
    private final List<Slot> slots = new ArrayList<>();
    private final List<Ticket<String>> granted = new ArrayList<>();
    private final List<Ticket<String>> waiting = new ArrayList<>();

    /** A throttle in use. */
    public ThrottleOperations() {
        for (int i = 0; i < 3; i++) {
            throttle.enqueue(place(Priority.NORMAL), "granted " + i);
            if (throttle.next() instanceof Next.Depart<String>(var departure)
                    && departure.verdict() instanceof Verdict.Granted(var slot)) {
                slots.add(slot);
                granted.add(departure.ticket());
            }
            clock.advance(Duration.ofSeconds(1));
        }
        waiting.add(place(Priority.LOW));
        waiting.add(place(Priority.HIGH));
        throttle.enqueue(waiting.getFirst(), "first");
    }

    private static ThrottleSettings settings(int limit, Pacing pacing) {
        return new ThrottleSettings(limit, 6, pacing, 3, Duration.ofSeconds(60), Duration.ofSeconds(50), false);
    }

    private Ticket<String> place(Priority priority) {
        if (throttle.admit(priority, null, MODEL) instanceof Admission.Queued<String>(var ticket, var _, var _)) {
            return ticket;
        }
        throw new IllegalStateException("nothing is refused at first");
    }

    @Operation
    public String admitHigh() {
        return words(throttle.admit(Priority.HIGH, null, MODEL));
    }

    @Operation
    public String admitLow() {
        return words(throttle.admit(Priority.LOW, Duration.ofSeconds(20)));
    }

    @Operation
    public void enqueue(@Param(name = "ticket") int ticket) {
        throttle.enqueue(waiting.get(ticket), "late");
    }

    @Operation
    public boolean abandon(@Param(name = "ticket") int ticket) {
        return throttle.abandon(waiting.get(ticket));
    }

    @Operation
    public String next() {
        return words(throttle.next());
    }

    @Operation
    public String poll() throws InterruptedException {
        Departure<String> departure = throttle.poll(Duration.ZERO);
        return departure == null ? "nobody" : words(departure);
    }

    @Operation
    public void sent(@Param(name = "slot") int slot) {
        slots.get(slot).sent();
    }

    @Operation
    public boolean succeeded(@Param(name = "slot") int slot) {
        return slots.get(slot).succeeded();
    }

    @Operation
    public boolean refused(@Param(name = "slot") int slot) {
        return slots.get(slot).refused();
    }

    @Operation
    public boolean refusedWithAPause(@Param(name = "slot") int slot) {
        return slots.get(slot).refused(new RateLimitSignal(RateLimitSignal.Kind.REQUEST_RATE,
                Optional.of(Duration.ofSeconds(3)), OptionalInt.of(5), OptionalInt.of(0), Optional.empty()));
    }

    @Operation
    public boolean giveBack(@Param(name = "slot") int slot) {
        return slots.get(slot).giveBack();
    }

    @Operation
    public boolean isEnded(@Param(name = "slot") int slot) {
        return slots.get(slot).isEnded();
    }

    @Operation
    public String retry(@Param(name = "slot") int slot) {
        return words(throttle.retry(granted.get(slot), Duration.ofSeconds(slot)));
    }

    @Operation
    public void finished(@Param(name = "slot") int slot) {
        throttle.finished(granted.get(slot));
    }

    @Operation
    public boolean workerCapReached(@Param(name = "slot") int slot) {
        return throttle.workerCapReached(granted.get(slot));
    }

    @Operation
    public void reconfigure(@Param(name = "limit") int limit) {
        throttle.reconfigure(settings(limit, limit > 4 ? Pacing.WINDOW : Pacing.PACED));
    }

    @Operation
    public void drain() {
        throttle.drain();
    }

    @Operation
    public int left() {
        return throttle.snapshot().minute().left();
    }

    @Operation
    public void refuseWaiting() {
        throttle.refuseWaiting(Refusal.circuitOpen(Duration.ofSeconds(5)));
    }

    @Operation(runOnce = true)
    public void close() {
        throttle.close();
    }

    @Operation
    public String snapshot() {
        return throttle.snapshot().toString();
    }

    @Operation
    public void timePasses() {
        throttle.lock.lock();
        try {
            clock.advance(Duration.ofSeconds(7));
        } finally {
            throttle.lock.unlock();
        }
    }

    private static String words(Admission<String> admission) {
        return switch (admission) {
            case Admission.Queued<String>(var _, var position, var wait) -> "queued " + position + " for " + wait;
            case Admission.Bypassed<String> _ -> "bypassed";
            case Admission.Refused<String>(var refusal) -> refusal.toString();
        };
    }

    private static String words(Next<String> next) {
        return switch (next) {
            case Next.Depart<String>(var departure) -> words(departure);
            case Next.WaitNanos<String>(var nanos) -> "nobody for " + nanos;
            case Next.Idle<String> _ -> "idle";
        };
    }

    private static String words(Departure<String> departure) {
        String fate = switch (departure.verdict()) {
            case Verdict.Granted _ -> "granted";
            case Verdict.Refused(var refusal) -> refusal.toString();
            case Verdict.Abandoned _ -> "abandoned";
        };
        return departure.payload() + " after " + departure.waited() + ": " + fate;
    }
}
