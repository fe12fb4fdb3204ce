package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A throttle in virtual time, with everything that happened at it. */
public final class Desk {

    public static final long MILLI = 1_000_000L;
    public static final long SECOND = 1000 * MILLI;

    static final ThrottleSettings USUAL = new ThrottleSettings(40, 40, Pacing.WINDOW, 500, Duration.ofSeconds(60),
            Duration.ofSeconds(2), false);

    /** Waits as long as it takes, so that a test of the order is not one of the deadlines. */
    static final ThrottleSettings PATIENT = new ThrottleSettings(40, 40, Pacing.WINDOW, 100_000, Duration.ofDays(1),
            Duration.ofDays(1), false);

    final VirtualClock clock;
    final long origin;
    final Budget budget;
    final Throttle<String> throttle;
    final List<Left> left = new ArrayList<>();

    /** Who left, when (nanoseconds after the start) and how. */
    record Left(String who, long at, Verdict verdict) {

        boolean granted() {
            return verdict instanceof Verdict.Granted;
        }
    }

    Desk(ThrottleSettings settings) {
        this(settings, 0);
    }

    Desk(ThrottleSettings settings, long origin) {
        this.origin = origin;
        clock = new VirtualClock(origin);
        throttle = new Throttle<>(settings, clock);
        budget = throttle.budget;
    }

    static ThrottleSettings settings(int limit, int burst, Pacing pacing) {
        return new ThrottleSettings(limit, burst, pacing, PATIENT.queueMax(), PATIENT.timeout(), PATIENT.lowTimeout(),
                false);
    }

    long now() {
        return clock.nanoTime() - origin;
    }

    Admission<String> admit(Priority priority) {
        return admit(priority, null);
    }

    Admission<String> admit(Priority priority, @Nullable Duration patience) {
        return throttle.admit(priority, patience);
    }

    Ticket<String> queue(Priority priority, String who) {
        return queue(priority, who, null);
    }

    Ticket<String> queue(Priority priority, String who, @Nullable Duration patience) {
        Ticket<String> ticket = place(priority, patience);
        throttle.enqueue(ticket, who);
        return ticket;
    }

    Ticket<String> place(Priority priority, @Nullable Duration patience) {
        Admission<String> admission = admit(priority, patience);
        assertThat(admission).isInstanceOf(Admission.Queued.class);
        return ((Admission.Queued<String>) admission).ticket();
    }

    void queue(Priority priority, String prefix, int count) {
        for (int i = 0; i < count; i++) {
            queue(priority, prefix + i);
        }
    }

    /** Who leaves next, without any time passing, or null; a slot is sent at once and succeeds. */
    @Nullable
    Left leave() {
        if (throttle.next() instanceof Next.Depart<String>(var departure)) {
            if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                slot.sent();
                slot.succeeded();
                finished(departure);
            }
            return record(departure);
        }
        return null;
    }

    /** A test of a model ends its requests itself. */
    private void finished(Departure<String> departure) {
        if (departure.ticket().model() == null) {
            throttle.finished(departure.ticket());
        }
    }

    Left record(Departure<String> departure) {
        Left one = new Left(departure.payload(), now(), departure.verdict());
        left.add(one);
        return one;
    }

    /** Lets time pass up to this moment after the start, while everybody leaves as soon as possible. */
    void runUntil(long end) {
        while (true) {
            switch (throttle.next()) {
                case Next.Depart<String>(var departure) -> {
                    if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                        slot.sent();
                        slot.succeeded();
                        finished(departure);
                    }
                    record(departure);
                }
                case Next.WaitNanos<String>(var nanos) -> {
                    assertThat(nanos).isPositive();
                    if (nanos > end - now()) {
                        clock.advance(end - now());
                        return;
                    }
                    clock.advance(nanos);
                }
                case Next.Idle<String> _ -> {
                    clock.advance(end - now());
                    return;
                }
            }
        }
    }

    void runFor(Duration duration) {
        runUntil(now() + duration.toNanos());
    }

    List<String> names() {
        return left.stream().map(Left::who).toList();
    }

    List<Long> grantTimes() {
        return left.stream().filter(Left::granted).map(Left::at).toList();
    }
}
