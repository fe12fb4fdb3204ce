package dev.sidecar.proving;

import dev.sidecar.proving.Caller.Habit.Agents;
import dev.sidecar.proving.Caller.Habit.Arrivals;
import dev.sidecar.proving.Caller.Habit.Backlog;
import dev.sidecar.proving.Figures.Served;
import dev.sidecar.simulator.limits.NetworkDelay;
import dev.sidecar.simulator.limits.ProviderLimit;
import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the throttle with one demand and a shape of provider for each key, for hours of virtual time. For one use, by one
 * thread.
 */
final class Trial {

    private static final String ONLY = "only";
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
    private final LongSupplier delay;
    private final Map<String, TriedKey> keys;
    private final Demand demand;
    private final Throttle<Source> throttle;
    private final List<Source> sources;

    private long measuredFrom;
    private long measuredUntil;
    private long visible;
    private long demandedNanos;

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

    /** With one key. */
    Trial(ThrottleSettings settings, ProviderLimit provider, Demand demand, RandomGenerator random) {
        this(settings, Map.of(ONLY, settings.budget()), Map.of(ONLY, provider), demand,
                new NetworkDelay(random)::nextNanos, random);
    }

    /**
     * @param accounts the limits of each key, by its name; their order is that of the throttle
     * @param providers the way of counting of each key
     * @param delay the next message's time on the way, in nanoseconds
     */
    Trial(ThrottleSettings settings, Map<String, BudgetSettings> accounts, Map<String, ProviderLimit> providers,
            Demand demand, LongSupplier delay, RandomGenerator random) {
        this.random = random;
        this.delay = delay;
        this.keys = new LinkedHashMap<>();
        accounts.keySet().forEach(name -> keys.put(name,
                new TriedKey(name, Objects.requireNonNull(providers.get(name)))));
        this.demand = demand;
        this.throttle = new Throttle<>(settings, accounts, time);
        this.sources = demand.callers(settings.limitPerMinute()).stream().map(Source::new).toList();
    }

    /** Runs the trial, and returns the figures counted at the provider from {@code from} until {@code until}. */
    Figures run(Duration from, Duration until) {
        measuredFrom = from.toNanos();
        measuredUntil = until.toNanos();
        sources.forEach(this::begin);
        time.after(measuredFrom, () -> keys.values().forEach(each -> each.begin(time.nanoTime())));
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
        return new Figures(keys.values().stream().map(each -> each.figures(time.nanoTime())).toList(), visible,
                demandedNanos, sources.stream().map(Source::served).toList(), throttle.snapshot());
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
                write(null, source, slot, keys.values().iterator().next());
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
            var payer = Objects.requireNonNull(departure.ticket().payer());
            write(departure.ticket(), source, slot, Objects.requireNonNull(keys.get(payer.account())));
        } else {
            answered(source);
        }
    }

    /** @param ticket null for a request beside the queue, which only a trial with one key has */
    private void write(@Nullable Ticket<Source> ticket, Source source, Slot slot, TriedKey key) {
        time.after(GRANT_TO_WRITE, () -> {
            slot.sent();
            key.sent(time.nanoTime());
            time.after(delay.getAsLong(), () -> arriveAtProvider(ticket, source, slot, key));
        });
    }

    private void arriveAtProvider(@Nullable Ticket<Source> ticket, Source source, Slot slot, TriedKey key) {
        boolean counts = isMeasured();
        Decision decision = key.decide(CHAT, counts, time.nanoTime());
        if (decision instanceof Decision.Accepted) {
            source.accepted += counts ? 1 : 0;
            double mean = STREAMED_SECONDS * (random.nextInt(4) > 0 ? 1 : 10);
            long thinking = (long) (random.nextExponential() * mean * SECOND);
            time.after(thinking, () -> key.ended(CHAT, time.nanoTime()));
            time.after(thinking + delay.getAsLong(), () -> accept(ticket, source, slot));
        } else {
            time.after(delay.getAsLong(), () -> refuse(ticket, source, slot, decision));
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
