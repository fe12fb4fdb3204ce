package dev.sidecar.proving;

import dev.sidecar.proving.Caller.Habit.Arrivals;
import dev.sidecar.proving.Caller.Habit.Backlog;
import dev.sidecar.simulator.limits.NetworkDelay;
import dev.sidecar.simulator.limits.Shapes;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Serving;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.tokens.TokenCost;
import dev.sidecar.throttle.tokens.TokenEstimates;
import dev.sidecar.throttle.tokens.TokenUsage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Runs the throttle with a demand of tokens and a way of counting them, for hours of virtual time. For one use, by one
 * thread.
 */
final class TokenTrial {

    private static final String ONLY = "only";
    private static final long SECOND = 1_000_000_000L;
    private static final long MOST_JITTER = SECOND / 10;
    private static final long GRANT_TO_WRITE = 2_000_000L;
    /** The average time of a provider until it begins to respond, beside the time for reading. */
    private static final long THINKING = 400_000_000L;
    /** For a token of the prompt: 0.4 s for the largest. */
    private static final long READING = 20_000L;
    /** For a token of the response: 8 s for a thousand. */
    private static final long WRITING = 8_000_000L;
    /** So long that no client's deadline influences the result. */
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final int QUEUE = 1000;

    private final VirtualTime time = new VirtualTime();
    private final RandomGenerator random;
    private final NetworkDelay delay;
    private final TokensCase tried;
    private final TokenProvider provider;
    private final TokenEstimates estimates = new TokenEstimates();
    private final Throttle<Call> throttle;
    private final List<Source> sources = TokenCaller.all().stream().map(Source::new).toList();
    private final TokenTally tally = new TokenTally(time);

    /** A caller, and how many of its requests wait. */
    private static final class Source {

        private final TokenCaller caller;
        private int waiting;

        Source(TokenCaller caller) {
            this.caller = caller;
        }
    }

    /** A request of a client. */
    private record Call(Source source, TokenCaller.Request request, TokenCost cost, long askedAt) {
    }

    /** A call that has left with a slot. */
    private record Attempt(Call call, Ticket<Call> ticket, Slot slot, long reserved, long grantedAt) {

        /** What is reserved and will not be used. */
        private long unused() {
            return Math.max(0, reserved - call.request.tokens());
        }
    }

    TokenTrial(TokensCase tried, RandomGenerator random) {
        this.random = random;
        this.tried = tried;
        this.delay = new NetworkDelay(random);
        this.provider = new TokenProvider(Shapes.slidingLog(tried.requests()).start(random, 0),
                tried.tokens().start(random, 0), tried.stated());
        int limit = tried.requests();
        var settings = new ThrottleSettings(limit, limit, Pacing.AUTO, QUEUE, PATIENCE, PATIENCE, false);
        var budget = new BudgetSettings(limit, limit, Pacing.AUTO, tried.tokens().limit());
        this.throttle = new Throttle<>(settings, Map.of(ONLY, budget), time);
    }

    /** Runs the trial, and returns the figures counted from {@code from} until {@code until}. */
    TokensFigures run(Duration from, Duration until) {
        time.after(from.toNanos(), tally::begin);
        sources.forEach(this::begin);
        while (time.nanoTime() < until.toNanos()) {
            topUp();
            long before = time.nanoTime();
            switch (throttle.next()) {
                case Next.Depart<Call>(var departure) -> leave(departure);
                case Next.WaitNanos<Call>(var nanos) -> time.advance(Math.min(nanos, SECOND));
                case Next.Idle<Call> _ -> time.advance(SECOND);
            }
            tally.waited(throttle.size() > 0 ? time.nanoTime() - before : 0);
        }
        return tally.figures(tried.tokens().limit());
    }

    private void begin(Source source) {
        if (source.caller.caller().habit() instanceof Arrivals(double perMinute)) {
            time.after((long) (random.nextExponential() * 60 * SECOND / perMinute), () -> {
                ask(source);
                begin(source);
            });
        }
    }

    private void topUp() {
        for (Source each : sources) {
            if (each.caller.caller().habit() instanceof Backlog(int backlog)) {
                boolean taken = true;
                while (taken && each.waiting < backlog) {
                    taken = ask(each);
                }
            }
        }
    }

    /** @return whether the new request has a place in the queue */
    private boolean ask(Source source) {
        Caller caller = source.caller.caller();
        TokenCaller.Request request = source.caller.next(tried.most(), random);
        TokenCost cost = estimates.cost(caller.client().name(), request.model(), request.bytes(), request.maxTokens());
        return placed(new Call(source, request, cost, time.nanoTime()), throttle.admit(caller.priority(), null,
                request.model(), caller.client(), Serving.ANY, cost));
    }

    private boolean placed(Call call, Admission<Call> admission) {
        if (admission instanceof Admission.Queued<Call> queued) {
            call.source.waiting++;
            throttle.enqueue(queued.ticket(), call);
            return true;
        }
        tally.turnedAway();
        return false;
    }

    private void leave(Departure<Call> departure) {
        Call call = departure.payload();
        call.source.waiting--;
        if (departure.verdict() instanceof Verdict.Granted(Slot slot)) {
            var attempt = new Attempt(call, departure.ticket(), slot,
                    call.cost.estimate().of(tried.tokens().limit()), time.nanoTime());
            tally.unused(attempt.unused());
            write(attempt);
        } else {
            tally.turnedAway();
        }
    }

    private void write(Attempt attempt) {
        time.after(GRANT_TO_WRITE, () -> {
            attempt.slot.sent();
            time.after(delay.nextNanos(), () -> arrive(attempt));
        });
    }

    private void arrive(Attempt attempt) {
        TokenCaller.Request request = attempt.call.request;
        RateLimitSignal refusal = provider.refusal(request, time.nanoTime());
        if (refusal != null) {
            tally.refused();
            time.after(delay.nextNanos(), () -> refuse(attempt, refusal));
            return;
        }
        tally.accepted(attempt.call.source.caller.caller().priority(), request, attempt.reserved,
                Duration.ofNanos(attempt.grantedAt - attempt.call.askedAt));
        long thinking = (long) (random.nextExponential() * THINKING) + request.input() * READING;
        long whole = thinking + request.output() * WRITING;
        long begins = thinking + delay.nextNanos();
        RateLimitSignal head = provider.acceptance(time.nanoTime());
        time.after(begins, () -> attempt.slot.succeeded(head));
        time.after(whole, () -> provider.ended(request, time.nanoTime()));
        // The end does not overtake the beginning.
        time.after(Math.max(begins, whole + delay.nextNanos()), () -> end(attempt));
    }

    private void end(Attempt attempt) {
        TokenCaller.Request request = attempt.call.request;
        estimates.learn(attempt.call.source.caller.caller().client().name(), request.model(), request.bytes(),
                new TokenUsage(request.input(), request.output()));
        settle(attempt, request.tokens());
        throttle.finished(attempt.ticket);
    }

    /** As the routes do: the request goes back to its place, and the provider is left alone for as long as it says. */
    private void refuse(Attempt attempt, RateLimitSignal refusal) {
        settle(attempt, 0);
        attempt.slot.refused(refusal);
        Duration jitter = Duration.ofNanos(random.nextLong(MOST_JITTER));
        placed(attempt.call,
                throttle.retry(attempt.ticket, jitter, refusal.pause().orElse(Duration.ZERO).plus(jitter)));
    }

    private void settle(Attempt attempt, long tokens) {
        throttle.spent(attempt.ticket, tokens);
        tally.unused(-attempt.unused());
    }
}
