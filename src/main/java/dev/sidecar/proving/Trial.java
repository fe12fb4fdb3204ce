package dev.sidecar.proving;

import dev.sidecar.proving.Caller.Habit.Agents;
import dev.sidecar.proving.Caller.Habit.Arrivals;
import dev.sidecar.proving.Caller.Habit.Backlog;
import dev.sidecar.proving.Figures.Served;
import dev.sidecar.simulator.limits.NetworkDelay;
import dev.sidecar.simulator.limits.ProviderLimit;
import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Runs the throttle with one shape of provider and one demand, for hours of virtual time. For one use, by one thread. */
final class Trial {

    private static final long SECOND = 1_000_000_000L;
    private static final long MOST_JITTER = SECOND / 10;
    private static final long GRANT_TO_WRITE = 2_000_000L;
    private static final ProviderLimit.Request CHAT = new ProviderLimit.Request("/v1/chat/completions", "model");
    /**
     * The average time until a streamed response begins. Three of four responses are streamed; the others take ten
     * times as long.
     */
    private static final double STREAMED_SECONDS = 0.4;
    /** The average time between a response to an agent and its next request. */
    private static final double AGENT_SECONDS = 5;

    private final VirtualTime time = new VirtualTime();
    private final RandomGenerator random;
    private final NetworkDelay delay;
    private final ProviderLimit provider;
    private final Demand demand;
    private final Throttle<Source> throttle;
    private final List<Source> sources;

    private long measuredFrom;
    private long measuredUntil;
    private long accepted;
    private long refused;
    private long visible;
    private long demandedNanos;
    private long takenBefore;

    /** A caller, and what became of its requests. */
    private static final class Source {

        private final Caller caller;
        private final Waits waits = new Waits();
        private int waiting;
        private long asked;
        private long accepted;

        Source(Caller caller) {
            this.caller = caller;
        }

        Served served() {
            return new Served(caller, caller.alwaysWantsMore() ? Long.MAX_VALUE : asked, accepted, waits);
        }
    }

    Trial(ThrottleSettings settings, ProviderLimit provider, Demand demand, RandomGenerator random) {
        this.random = random;
        this.delay = new NetworkDelay(random);
        this.provider = provider;
        this.demand = demand;
        this.throttle = new Throttle<>(settings, time);
        this.sources = demand.callers(settings.limitPerMinute()).stream().map(Source::new).toList();
    }

    /** How many requests of others with the same key were accepted since {@code measuredFrom}. */
    private long takenByOthers() {
        return provider.takenByOthers(time.nanoTime()) - takenBefore;
    }

    /** Runs the trial, and returns the figures counted at the provider from {@code from} until {@code until}. */
    Figures run(Duration from, Duration until) {
        measuredFrom = from.toNanos();
        measuredUntil = until.toNanos();
        sources.forEach(this::begin);
        time.after(measuredFrom, () -> takenBefore = provider.takenByOthers(time.nanoTime()));
        while (time.nanoTime() < measuredUntil) {
            topUp();
            long before = time.nanoTime();
            switch (throttle.next()) {
                case Next.Depart<Source>(var departure) -> leave(departure);
                case Next.WaitNanos<Source>(var nanos) -> time.advance(Math.min(nanos, SECOND));
                case Next.Idle<Source> _ -> time.advance(SECOND);
            }
            if (before >= measuredFrom && throttle.size() > 0) {
                demandedNanos += time.nanoTime() - before;
            }
        }
        return new Figures(accepted, takenByOthers(), refused, visible, demandedNanos,
                sources.stream().map(Source::served).toList(), throttle.snapshot());
    }

    private void begin(Source source) {
        switch (source.caller.habit()) {
            case Arrivals(double perMinute) -> arrivals(source, perMinute);
            case Agents(int number) -> {
                for (int i = 0; i < number; i++) {
                    thinkAndAsk(source);
                }
            }
            case Backlog _ -> {
                // topUp() fills it
            }
        }
    }

    private void arrivals(Source source, double perMinute) {
        time.after((long) (random.nextExponential() * 60 * SECOND / perMinute), () -> {
            if (demand.isOn(time.nanoTime())) {
                arrive(source);
            }
            arrivals(source, perMinute);
        });
    }

    private void thinkAndAsk(Source source) {
        time.after((long) (random.nextExponential() * AGENT_SECONDS * SECOND), () -> {
            if (!arrive(source)) {
                thinkAndAsk(source);
            }
        });
    }

    private void topUp() {
        if (demand.isOn(time.nanoTime())) {
            for (Source each : sources) {
                if (each.caller.habit() instanceof Backlog(int backlog)) {
                    fill(each, backlog);
                }
            }
        }
    }

    private void fill(Source source, int backlog) {
        boolean taken = true;
        while (taken && source.waiting < backlog) {
            taken = arrive(source);
        }
    }

    private boolean arrive(Source source) {
        source.asked += isMeasured() ? 1 : 0;
        Caller caller = source.caller;
        return switch (throttle.admit(caller.priority(), null, CHAT.model(), caller.client())) {
            case Admission.Queued<Source>(var ticket, var _, var _) -> {
                source.waiting++;
                throttle.enqueue(ticket, source);
                yield true;
            }
            case Admission.Bypassed<Source>(Slot slot) -> {
                write(null, source, slot);
                yield true;
            }
            case Admission.Refused<Source> _ -> false;
        };
    }

    private boolean isMeasured() {
        return time.nanoTime() >= measuredFrom && time.nanoTime() < measuredUntil;
    }

    private void leave(Departure<Source> departure) {
        Source source = departure.payload();
        source.waiting--;
        if (departure.verdict() instanceof Verdict.Granted(Slot slot)) {
            if (time.nanoTime() >= measuredFrom) {
                source.waits.add(departure.waited());
            }
            write(departure.ticket(), source, slot);
        } else {
            answered(source);
        }
    }

    /** @param ticket null for a request beside the queue */
    private void write(@Nullable Ticket<Source> ticket, Source source, Slot slot) {
        time.after(GRANT_TO_WRITE, () -> {
            slot.sent();
            time.after(delay.nextNanos(), () -> arriveAtProvider(ticket, source, slot));
        });
    }

    private void arriveAtProvider(@Nullable Ticket<Source> ticket, Source source, Slot slot) {
        boolean counts = isMeasured();
        Decision decision = provider.decide(CHAT, time.nanoTime());
        if (decision instanceof Decision.Accepted) {
            accepted += counts ? 1 : 0;
            source.accepted += counts ? 1 : 0;
            double mean = STREAMED_SECONDS * (random.nextInt(4) > 0 ? 1 : 10);
            long thinking = (long) (random.nextExponential() * mean * SECOND);
            time.after(thinking, () -> provider.ended(CHAT, time.nanoTime()));
            time.after(thinking + delay.nextNanos(), () -> accept(ticket, source, slot));
        } else {
            refused += counts ? 1 : 0;
            time.after(delay.nextNanos(), () -> refuse(ticket, source, slot, decision));
        }
    }

    private void accept(@Nullable Ticket<Source> ticket, Source source, Slot slot) {
        slot.succeeded();
        if (ticket != null) {
            throttle.finished(ticket);
        }
        answered(source);
    }

    private void answered(Source source) {
        if (source.caller.habit() instanceof Agents) {
            thinkAndAsk(source);
        }
    }

    private void refuse(@Nullable Ticket<Source> ticket, Source source, Slot slot, Decision decision) {
        if (decision instanceof Decision.WorkersBusy) {
            slot.succeeded(); // busy workers say nothing about the rate
            if (ticket != null) {
                throttle.workerCapReached(ticket);
            }
        } else {
            slot.refused(RateLimitSignal.unknown());
        }
        if (ticket != null && throttle.retry(ticket,
                Duration.ofNanos(random.nextLong(MOST_JITTER))) instanceof Admission.Queued<Source> queued) {
            source.waiting++;
            throttle.enqueue(queued.ticket(), source);
        } else {
            visible++;
            answered(source);
        }
    }
}
