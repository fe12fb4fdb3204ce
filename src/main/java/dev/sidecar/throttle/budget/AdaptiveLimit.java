package dev.sidecar.throttle.budget;

import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the provider's answers make of the operator's limit: the rate in force, the pacing, and for how long nothing may be
 * sent at all. Not thread-safe, no clock: the time is passed in, in nanoseconds.
 */
final class AdaptiveLimit {

    /** In {@link Pacing#AUTO}: this many refusals inside the limit within {@link #MEMORY} are not chance. */
    private static final int TOO_OFTEN = 4;
    private static final long MEMORY = 10 * BudgetRule.PERIOD;
    private static final int MOST_REMEMBERED = 1024;
    /** What header fields stated holds for so long, and so many answers, after the last that stated it. */
    private static final long STATEMENT = 2 * BudgetRule.PERIOD;
    private static final int STATEMENT_ANSWERS = 3;

    private final RecentResponses answers;
    /** Those that the window may have counted when what is now answered was sent. */
    private final ArrayDeque<RefusedSend> refusedSends = new ArrayDeque<>();
    private final ArrayDeque<Long> unexpected = new ArrayDeque<>();
    private Pacing configured;
    private Pacing effective;
    private int operatorLimit;
    /** What the provider's header fields say it allows; the operator's limit stays the ceiling. */
    private OptionalInt stated = OptionalInt.empty();
    private long statedAt;
    /** How many answers since then have not stated it. */
    private int unstated;
    private @Nullable ForeignUsage secondUser;
    private long sends;
    private Retreat retreat;
    private Pause pause;
    private Kind refusedKind = Kind.NONE;
    private double refusedLoad;
    private long refusedAt;

    AdaptiveLimit(BudgetSettings settings, long now) {
        answers = new RecentResponses(now);
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

    /** What the operator says that the provider allows, requests per minute. */
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
        return new RetreatSnapshot(retreat.state(), operatorLimit, retreat.level(), effective, answers.share(now),
                learned ? OptionalDouble.of(retreat.limit()) : OptionalDouble.empty(),
                refusedKind == Kind.NONE
                        ? Optional.empty()
                        : Optional.of(new RetreatSnapshot.Evidence(refusedKind, refusedLoad, nanos(now - refusedAt))),
                learned
                        ? Optional.of(nanos(probe.running() ? 0 : probe.dueAt() - now))
                        : Optional.empty(),
                nanos(pause.until() - now), stated, othersPerMinute(now));
    }

    private static Duration nanos(long nanos) {
        return Duration.ofNanos(Math.max(0, nanos));
    }

    /** A pacing that stays {@link Pacing#AUTO} keeps what it has learned. */
    void reconfigure(BudgetSettings settings, long now) {
        if (settings.pacing() != configured) {
            configured = settings.pacing();
            effective = configured.initial();
        }
        rebase(settings.limitPerMinute(), now);
    }

    /** Another limit of the operator's: what header fields stated under the old one has to be stated again. */
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

    /** What others use of the same limit, as far as the provider's header fields show. */
    private int othersPerMinute(long now) {
        return secondUser == null ? 0 : secondUser.othersPerMinute(now);
    }

    /** A request was sent. */
    void sent() {
        sends++;
    }

    /** A header may lower the ceiling, and show that somebody else uses the same limit. */
    private void observe(RateLimitSignal signal, long sentAt, long now) {
        if (signal.limitPerMinute().isEmpty()) {
            expireStated(now);
            return;
        }
        stated = signal.limitPerMinute();
        statedAt = now;
        unstated = 0;
        if (signal.remaining().isPresent()) {
            ForeignUsage before = secondUser == null ? ForeignUsage.unseen(sends, now) : secondUser;
            secondUser = before.observe(signal.remaining().getAsInt(), stated.getAsInt(), signal.reset(), sentAt, sends,
                    now);
        }
        rebase(now);
    }

    /**
     * An answer did not repeat what header fields stated. One or two may leave it out, or hide it by rounding, and so may those
     * that were on their way when it was stated; after two windows it was true once.
     */
    private void expireStated(long now) {
        if (stated.isPresent()) {
            unstated = Math.min(STATEMENT_ANSWERS, unstated + 1);
            if (unstated == STATEMENT_ANSWERS && now - statedAt >= STATEMENT) {
                forgetStated();
                rebase(now);
            }
        }
    }

    private void forgetStated() {
        stated = OptionalInt.empty();
        secondUser = null;
    }

    /** Nanoseconds until {@link #at} has something to do. */
    long delay(long now) {
        return retreat.delay(now);
    }

    /** The passage of time. */
    void at(long now) {
        if (secondUser != null) {
            rebase(now);
        }
        retreat = retreat.at(isPaced(), now);
    }

    /** How many of those that the window counted at this moment are known to have been refused. */
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
     * The provider let a request in.
     *
     * @param sentBefore what had been sent in the trailing span before it
     */
    void accepted(int sentBefore, long sentAt, RateLimitSignal signal, long now) {
        answers.accepted(now);
        observe(signal, sentAt, now);
        pause = pause.accepted(sentAt);
        retreat = retreat.accepted((double) sentBefore - refusedBefore(sentAt), sentAt, isPaced(), now);
    }

    /**
     * The provider refused a request.
     *
     * @param sentBefore what had been sent in the trailing span before it
     * @param insideLimit whether no more was sent in the trailing span than the rate in force allows
     * @param interval the usual distance of two requests
     */
    void refused(int sentBefore, long sentAt, boolean insideLimit, RateLimitSignal signal, long interval, long now) {
        double load = (double) sentBefore - refusedBefore(sentAt);
        pauseFor(sentAt, signal, interval, now);
        if (signal.kind() == Kind.TOKEN_RATE) {
            return; // tokens have run out, not requests: waiting is all that helps
        }
        refusedKind = signal.kind();
        refusedLoad = load;
        refusedAt = now;
        answers.refused(now);
        rememberCounted(sentAt, now);
        boolean often = false;
        if (insideLimit) {
            rememberUnexpected(now);
            often = unexpected.size() >= TOO_OFTEN;
        }
        boolean many = answers.refusals(now) >= (retreat.state() == RetreatState.NORMAL ? 2 : 3)
                && answers.share(now) > Retreat.SHARE;
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
     * The provider refused a request that had its slot, while others that went beside a full queue took what it allows: no
     * evidence either, but it has to wait.
     *
     * @param interval the usual distance of two requests
     */
    void refusedBesideOthers(long sentAt, RateLimitSignal signal, long interval, long now) {
        pauseFor(sentAt, signal, interval, now);
        rememberCounted(sentAt, now);
    }

    /** The provider let in a request that went beside a full queue: no evidence but for what the answer states. */
    void bypassAccepted(long sentAt, RateLimitSignal signal, long now) {
        observe(signal, sentAt, now);
    }

    /**
     * The provider refused a request that went beside a full queue: the sidecar brought this on itself, so it is no evidence.
     * What the answer states, and the pause that it asks for, hold all the same.
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

    /** The {@link SlidingWindowLog} goes on to count it. */
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
     * A request that was refused.
     *
     * @param until until when the {@link SlidingWindowLog} counts it
     */
    private record RefusedSend(long sentAt, long until) {

        boolean isCountedAt(long later) {
            return later - sentAt > 0 && later - until < 0;
        }
    }
}
