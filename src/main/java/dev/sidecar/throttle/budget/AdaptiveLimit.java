package dev.sidecar.throttle.budget;

import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The limit as the provider's responses shape it: the rate in force, the pacing, and the pause during which nothing is
 * sent. Not thread-safe, no clock: it receives the time, in nanoseconds.
 */
final class AdaptiveLimit {

    /** In {@link Pacing#AUTO}: this many refusals inside the limit within {@link #MEMORY} are no coincidence. */
    private static final int TOO_OFTEN = 4;
    private static final long MEMORY = 10 * BudgetRule.PERIOD;
    private static final int MOST_REMEMBERED = 1024;
    /**
     * The header fields' limit holds until this time has passed, and this many responses have come, after the last
     * response that stated it.
     */
    private static final long STATEMENT = 2 * BudgetRule.PERIOD;
    private static final int STATEMENT_RESPONSES = 3;

    private final RecentResponses responses;
    /** The refused requests that the window may have counted when a request was sent whose response comes now. */
    private final ArrayDeque<RefusedSend> refusedSends = new ArrayDeque<>();
    private final ArrayDeque<Long> unexpected = new ArrayDeque<>();
    private Pacing configured;
    private Pacing effective;
    private int operatorLimit;
    /** The limit in the provider's header fields; the operator's limit stays the ceiling. */
    private OptionalInt stated = OptionalInt.empty();
    private long statedAt;
    /** How many responses since then have not stated it. */
    private int unstated;
    private @Nullable ForeignUsage foreignUsage;
    private long sends;
    private Retreat retreat;
    private Pause pause;
    private Kind refusedKind = Kind.NONE;
    private double refusedLoad;
    private long refusedAt;

    AdaptiveLimit(BudgetSettings settings, long now) {
        responses = new RecentResponses(now);
        configured = settings.pacing();
        effective = configured.initial();
        operatorLimit = settings.limitPerMinute();
        retreat = Retreat.normal(operatorLimit, now);
        pause = Pause.none(now);
    }

    /** The rate in force, requests per minute. */
    double level() {
        return retreat.level();
    }

    /** The state that the rate in force comes from. */
    Retreat retreat() {
        return retreat;
    }

    /** The operator's limit, requests per minute. */
    int operatorLimit() {
        return operatorLimit;
    }

    boolean isPaced() {
        return effective == Pacing.PACED;
    }

    /** Until when nothing may be sent. */
    long pausedUntil() {
        return pause.until();
    }

    RetreatSnapshot snapshot(long now) {
        boolean learned = retreat.limit() < retreat.base();
        Probe probe = retreat.probe();
        return new RetreatSnapshot(retreat.state(), operatorLimit, retreat.level(), effective, responses.share(now),
                learned ? OptionalDouble.of(retreat.limit()) : OptionalDouble.empty(),
                refusedKind == Kind.NONE
                        ? Optional.empty()
                        : Optional.of(new RetreatSnapshot.Evidence(refusedKind, refusedLoad, nanos(now - refusedAt))),
                learned
                        ? Optional.of(nanos(probe.running() ? 0 : probe.dueAt() - now))
                        : Optional.empty(),
                nanos(pause.until() - now), stated, othersPerMinute(now));
    }

    /** What has been learned, for another process. */
    LearnedLimit learned(long now) {
        return new LearnedLimit(effective, retreat.state(), retreat.base(), retreat.level(),
                retreat.limit() == Retreat.UNKNOWN ? OptionalDouble.empty() : OptionalDouble.of(retreat.limit()),
                Duration.ofNanos(now - retreat.changedAt()), Duration.ofNanos(now - retreat.refusedAt()),
                LearnedLimit.ProbeState.of(retreat.probe(), now),
                pause.refusals(), statement(now),
                refusedKind == Kind.NONE
                        ? null
                        : new RetreatSnapshot.Evidence(refusedKind, refusedLoad, nanos(now - refusedAt)));
    }

    /** How long nothing may be sent. */
    Duration pausedFor(long now) {
        return nanos(pause.until() - now);
    }

    private LearnedLimit.@Nullable Statement statement(long now) {
        if (stated.isEmpty()) {
            return null;
        }
        return new LearnedLimit.Statement(stated.getAsInt(), nanos(now - statedAt), unstated,
                othersPerMinute(now), foreignUsage == null ? Duration.ZERO : nanos(foreignUsage.age(now)));
    }

    /** Takes over what another process has learned. Its pacing counts only where the operator leaves that open. */
    void restore(LearnedLimit learned, Duration pausedFor, long now) {
        if (configured == Pacing.AUTO) {
            effective = learned.pacing();
        }
        retreat = learned.retreat(now);
        pause = new Pause(now + pausedFor.toNanos(), now - 1, learned.refusals());
        LearnedLimit.Statement statement = learned.statement();
        if (statement != null) {
            stated = OptionalInt.of(statement.limit());
            statedAt = now - statement.age().toNanos();
            unstated = statement.unstated();
            foreignUsage = statement.others() == 0
                    ? null
                    : ForeignUsage.known(statement.others(), now - statement.othersAge().toNanos(), statement.limit(),
                            sends, now);
        }
        RetreatSnapshot.Evidence evidence = learned.evidence();
        if (evidence != null) {
            refusedKind = evidence.kind();
            refusedLoad = evidence.accepted();
            refusedAt = now - evidence.age().toNanos();
        }
        rebase(now);
    }

    private static Duration nanos(long nanos) {
        return Duration.ofNanos(Math.max(0, nanos));
    }

    /** If the pacing stays {@link Pacing#AUTO}, what it has learned stays too. */
    void reconfigure(BudgetSettings settings, long now) {
        if (settings.pacing() != configured) {
            configured = settings.pacing();
            effective = configured.initial();
        }
        rebase(settings.limitPerMinute(), now);
    }

    /** The operator has changed the limit: header fields must state their limit again. */
    void rebase(int limitPerMinute, long now) {
        BudgetSettings.checkRange("limitPerMinute", limitPerMinute, 1);
        if (limitPerMinute != operatorLimit) {
            operatorLimit = limitPerMinute;
            forgetStated();
        }
        rebase(now);
    }

    private void rebase(long now) {
        int ceiling = Math.clamp((long) stated.orElse(operatorLimit) - othersPerMinute(now), 1, operatorLimit);
        if (ceiling != retreat.base()) {
            retreat = retreat.rebased(ceiling, now);
        }
    }

    /** What others use of the same limit, as the provider's header fields show it. */
    private int othersPerMinute(long now) {
        return foreignUsage == null ? 0 : foreignUsage.othersPerMinute(now);
    }

    /** A request was sent. */
    void sent() {
        sends++;
    }

    /** A header field may lower the ceiling, and may show that somebody else uses the same limit. */
    private void observe(RateLimitSignal signal, long sentAt, long now) {
        if (signal.limitPerMinute().isEmpty()) {
            expireStated(now);
            return;
        }
        stated = signal.limitPerMinute();
        statedAt = now;
        unstated = 0;
        if (signal.remaining().isPresent()) {
            ForeignUsage before = foreignUsage == null ? ForeignUsage.unseen(sends, now) : foreignUsage;
            foreignUsage = before.observe(signal.remaining().getAsInt(), stated.getAsInt(), signal.reset(), sentAt,
                    sends,
                    now);
        }
        rebase(now);
    }

    /**
     * A response did not repeat the stated limit. One or two responses may leave it out, or hide it by rounding, and so
     * may responses that were on their way when it was stated. After two windows without it, the statement is out of
     * date.
     */
    private void expireStated(long now) {
        if (stated.isPresent()) {
            unstated = Math.min(STATEMENT_RESPONSES, unstated + 1);
            if (unstated == STATEMENT_RESPONSES && now - statedAt >= STATEMENT) {
                forgetStated();
                rebase(now);
            }
        }
    }

    private void forgetStated() {
        stated = OptionalInt.empty();
        foreignUsage = null;
    }

    /** The time until {@link #at} has something to do, in nanoseconds. */
    long delay(long now) {
        return retreat.delay(now);
    }

    /** Lets time pass. */
    void at(long now) {
        if (foreignUsage != null) {
            rebase(now);
        }
        retreat = retreat.at(isPaced(), now);
    }

    /** How many of the requests that the window counted at this moment are known to be refused. */
    int refusedBefore(long sentAt) {
        int count = 0;
        for (RefusedSend each : refusedSends) {
            if (each.isCountedAt(sentAt)) {
                count++;
            }
        }
        return count;
    }

    /**
     * The provider accepted a request.
     *
     * @param sentBefore the requests sent in the trailing span before it
     */
    void accepted(int sentBefore, long sentAt, RateLimitSignal signal, long now) {
        responses.accepted(now);
        observe(signal, sentAt, now);
        pause = pause.accepted(sentAt);
        retreat = retreat.accepted((double) sentBefore - refusedBefore(sentAt), sentAt, isPaced(), now);
    }

    /**
     * The provider refused a request.
     *
     * @param sentBefore the requests sent in the trailing span before it
     * @param insideLimit whether the requests in the trailing span are within the rate in force
     * @param interval the usual distance of two requests
     */
    void refused(int sentBefore, long sentAt, boolean insideLimit, RateLimitSignal signal, long interval, long now) {
        double load = (double) sentBefore - refusedBefore(sentAt);
        pauseFor(sentAt, signal, interval, now);
        if (signal.kind() == Kind.TOKEN_RATE) {
            return; // the tokens are used up, not the requests: only waiting helps
        }
        refusedKind = signal.kind();
        refusedLoad = load;
        refusedAt = now;
        responses.refused(now);
        rememberCounted(sentAt, now);
        boolean often = false;
        if (insideLimit) {
            rememberUnexpected(now);
            often = unexpected.size() >= TOO_OFTEN;
        }
        boolean many = responses.refusals(now) >= (retreat.state() == RetreatState.NORMAL ? 2 : 3)
                && responses.share(now) > Retreat.SHARE;
        if (configured == Pacing.AUTO && effective != Pacing.PACED && insideLimit && (often || many)) {
            effective = Pacing.PACED;
            unexpected.clear();
            often = false;
        }
        boolean alarm = many || (often && retreat.state() == RetreatState.NORMAL);
        retreat = retreat.refused(load, sentAt, alarm, now);
        if (alarm) {
            unexpected.clear();
        }
    }

    /**
     * The provider refused a request with a slot, while requests beside a full queue used part of the limit. This is no
     * evidence either, but the sidecar has to wait.
     *
     * @param interval the usual distance of two requests
     */
    void refusedBesideOthers(long sentAt, RateLimitSignal signal, long interval, long now) {
        pauseFor(sentAt, signal, interval, now);
        rememberCounted(sentAt, now);
    }

    /** The provider accepted a request that went beside a full queue: no evidence, except for what the response states. */
    void bypassAccepted(long sentAt, RateLimitSignal signal, long now) {
        observe(signal, sentAt, now);
    }

    /**
     * The provider refused a request that went beside a full queue. The sidecar caused this itself, so it is no
     * evidence. What the response states, and the pause that it asks for, apply.
     */
    void bypassRefused(long sentAt, RateLimitSignal signal, long now) {
        observe(signal, sentAt, now);
        if (signal.pause().isPresent()) {
            pause = pause.asked(signal.pause().get().toNanos(), now);
        }
        remember(new RefusedSend(sentAt, now));
    }

    private void pauseFor(long sentAt, RateLimitSignal signal, long interval, long now) {
        observe(signal, sentAt, now);
        pause = signal.pause().isPresent()
                ? pause.asked(signal.pause().get().toNanos(), now)
                : pause.refused(sentAt, retreat.state() != RetreatState.NORMAL, interval, now);
    }

    private void rememberUnexpected(long now) {
        while (!unexpected.isEmpty()
                && (now - unexpected.getFirst() > MEMORY || unexpected.size() >= MOST_REMEMBERED)) {
            unexpected.removeFirst();
        }
        unexpected.addLast(now);
    }

    /** The {@link SlidingWindowLog} continues to count it. */
    private void rememberCounted(long sentAt, long now) {
        remember(new RefusedSend(sentAt, sentAt + Math.min(now - sentAt, BudgetRule.GUARD) + BudgetRule.PERIOD));
    }

    private void remember(RefusedSend send) {
        while (!refusedSends.isEmpty()
                && (send.sentAt - refusedSends.getFirst().sentAt > BudgetRule.SPAN + BudgetRule.PERIOD
                        || refusedSends.size() >= MOST_REMEMBERED)) {
            refusedSends.removeFirst();
        }
        refusedSends.addLast(send);
    }

    /**
     * A refused request.
     *
     * @param until how long the {@link SlidingWindowLog} counts it
     */
    private record RefusedSend(long sentAt, long until) {

        boolean isCountedAt(long later) {
            return later - sentAt > 0 && later - until < 0;
        }
    }
}
