package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The budget of one key: never more than the limit in any 60 s, measured at the provider. The rules are in {@link
 * SlidingWindow}, the limit comes from {@link AdaptiveLimit}.
 *
 * <p>
 * Reads no clock and has no lock: it receives the time in nanoseconds, which never runs backwards. Not thread-safe: the
 * {@code Throttle} calls every method under its lock.
 */
public final class Budget {

    /** The part of somebody who shares the limit with nobody. */
    public static final int WHOLE = Integer.MAX_VALUE;

    /** How long somebody without a part is told to wait: so long a part is kept for a replica that is not heard of. */
    private static final long WITHOUT_PART = 10 * BudgetRule.PERIOD;

    private final SlidingWindow window;
    private final AdaptiveLimit adaptive;
    private final TokenBudget tokens;
    private final AccountLedger ledger;
    private final LimitHistory history = new LimitHistory();
    private Runnable sooner = () -> {
    };
    private BypassAllowance bypasses = new BypassAllowance();
    private int burst;
    private int openSlots;
    private BudgetSettings configured;
    /** How much of the limit this replica may send; {@link #WHOLE} for all of it. */
    private int part = WHOLE;
    private final Set<BudgetSlot> inHand = new HashSet<>();

    /** An unused budget that nobody else has to know of. */
    public Budget(BudgetSettings settings, long now) {
        this(settings, AccountLedger.MEMORY, now);
    }

    /**
     * An unused budget.
     *
     * @param ledger where each send is written down before it leaves
     */
    public Budget(BudgetSettings settings, AccountLedger ledger, long now) {
        this.configured = settings;
        this.ledger = ledger;
        ledger.limit(settings.limitPerMinute());
        this.burst = settings.burstCapacity();
        this.adaptive = new AdaptiveLimit(settings, now);
        this.window = new SlidingWindow(rule(), now);
        this.tokens = new TokenBudget(settings.tokensPerMinute());
    }

    /** @param listener called when a grant may be possible earlier than the last result said */
    public void whenSooner(Runnable listener) {
        sooner = listener;
    }

    public SlidingWindow window() {
        return window;
    }

    public TokenBudget tokens() {
        return tokens;
    }

    /** The provider's limit of tokens, of which this may be allowed a part; 0 if there is none. */
    public long tokensPerMinute() {
        return configured.tokensPerMinute();
    }

    /** Whether nothing counts any more that was sent or used. */
    public boolean isUnused(long now) {
        return window.used(now) == 0 && tokens.used(now) == 0 && tokens.reserved() == 0;
    }

    /** The rate in force, and what the provider's responses have taught. */
    public RetreatSnapshot retreat(long now) {
        return adaptive.snapshot(now);
    }

    /** What held the budget below the operator's limit in the last window. */
    public List<LimitSpan> spans(long now) {
        return history.spans(now);
    }

    /** Lets time pass; returns the nanoseconds for which nothing more changes by itself. */
    public long at(long now) {
        adaptive.at(now);
        follow(now);
        return adaptive.delay(now);
    }

    /** Slots handed out and not yet ended. */
    public int openSlots() {
        return openSlots;
    }

    public BudgetSlot grant(boolean low, long late, long now) {
        openSlots++;
        return handOut(new BudgetSlot(this, low, window.grant(low, late, now), false, ledger.granted(now)));
    }

    /** Whether one more may go beside the full queue; nobody may where tokens are limited, since what it costs would not count. */
    public boolean mayBypass(long now) {
        return part > 0 && tokens.limit() == 0 && adaptive.pausedUntil() - now <= 0
                && bypasses.mayGo(window.rule().limit(), now);
    }

    public BudgetSlot bypass(boolean low, long now) {
        openSlots++;
        bypasses.granted(now);
        return handOut(new BudgetSlot(this, low, window.bypass(), true, ledger.granted(now)));
    }

    private BudgetSlot handOut(BudgetSlot slot) {
        inHand.add(slot);
        return slot;
    }

    /** Counts everything that is left as sent now. */
    public void drain(long now) {
        int left = window.left(now);
        if (left > 0) {
            window.take(left, now);
        }
    }

    /** What outlives this process. Changes nothing. */
    public BudgetState state(long now) {
        List<Duration> ages = window.ages(now);
        inHand.forEach(slot -> ages.add(Duration.ofNanos(-slot.guard(now))));
        return learned(now).withAges(ages);
    }

    /** The same without what was sent, for which a ledger stands. */
    public BudgetState learned(long now) {
        return new BudgetState(List.of(), adaptive.learned(now), adaptive.pausedFor(now), window.pace().pace(now),
                tokens.uses(now));
    }

    /**
     * Takes over from another process: counts what it has sent, and goes on with what it has learned. For a fresh budget.
     * It allows nothing that the other one would not have allowed.
     */
    public void restore(BudgetState state, long now) {
        adaptive.restore(state.learned(), state.pausedFor(), now);
        bypasses.refused(now); // what went beside the queue is not known
        follow(now);
        window.restore(state.ages(), state.pace(), now);
        tokens.restore(state.tokens(), now);
    }

    /** Counts a full window as sent now: nobody knows what was sent until now. For a fresh budget. */
    public void fill(long now) {
        fill(now, now);
    }

    /** The same for an earlier time. */
    public void fill(long at, long now) {
        bypasses.refused(now);
        window.fill(adaptive.operatorLimit(), at);
    }

    /** Takes over limit, burst capacity and pacing. */
    public void reconfigure(BudgetSettings newSettings, long now) {
        configured = newSettings;
        inForce(part == WHOLE ? newSettings : newSettings.withLimit(Math.clamp(part, 1, newSettings.limitPerMinute())),
                now);
    }

    /**
     * Others send the rest of the limit.
     *
     * @param newPart 0 for nothing, {@link #WHOLE} for all of it
     */
    public void part(int newPart, long now) {
        part = newPart;
        reconfigure(configured, now);
    }

    /** How many requests of its part may be sent now, whatever has been learned about the limit. */
    public int seats(long now) {
        return part == 0 ? 0 : Math.max(0, adaptive.operatorLimit() - window.used(now));
    }

    /** What it may send, and what of it is used. */
    public BudgetUse use(long now) {
        return new BudgetUse(part == 0 ? 0 : adaptive.operatorLimit(), window.unsent(), window.rests(now),
                tokens.used(now) + tokens.reserved());
    }

    /** Counts requests more, which another replica may have sent, each for so long. */
    public void charge(List<Long> rests, long now) {
        for (long rest : rests) {
            window.charge(rest, now);
            ledger.sent(ledger.granted(now), now + rest - BudgetRule.PERIOD);
        }
    }

    private void inForce(BudgetSettings settings, long now) {
        burst = settings.burstCapacity();
        tokens.limit(partOf(settings));
        ledger.limit(configured.limitPerMinute());
        if (settings.limitPerMinute() != adaptive.operatorLimit()) {
            bypasses = new BypassAllowance(); // what was learned about the old limit says nothing about this one
        }
        adaptive.reconfigure(settings, now);
        follow(now);
        sooner.run();
    }

    /** Its part of the tokens, as large as that of the requests; at least 1, since 0 stands for any number. */
    private long partOf(BudgetSettings settings) {
        long all = configured.tokensPerMinute();
        return all == 0 || part == WHOLE
                ? all
                : Math.max(1, all * settings.limitPerMinute() / configured.limitPerMinute());
    }

    /** Makes the window follow what has been learned. */
    private void follow(long now) {
        window.pause(part == 0 ? now + WITHOUT_PART : adaptive.pausedUntil());
        history.note(adaptive.retreat(), adaptive.pausedUntil(), now);
        if (!window.rule().isFor(adaptive.level(), burst, adaptive.isPaced())) {
            window.change(rule(), now);
            sooner.run();
        }
    }

    private BudgetRule rule() {
        return BudgetRule.of(adaptive.level(), burst, adaptive.isPaced());
    }

    /** The rule that holds again when everything learned is forgotten: the operator's rate, as evenly as now. */
    public BudgetRule baseRule() {
        return BudgetRule.of(adaptive.operatorLimit(), burst, adaptive.isPaced());
    }

    // Called by the slots.

    /** @param writing how long writing the request took */
    SlidingWindowLog.Sent sent(BudgetSlot slot, PacingState before, boolean bypassed, long writing, long now) {
        inHand.remove(slot);
        adaptive.sent();
        SlidingWindowLog.Sent sent = bypassed ? window.bypassSent(writing, now) : window.sent(before, writing, now);
        ledger.sent(slot.entry(), sent.arrivesBy());
        if (bypassed) {
            bypasses.sent(now);
        }
        sooner.run();
        return sent;
    }

    void returned(BudgetSlot slot, boolean low, PacingState before, boolean bypassed) {
        inHand.remove(slot);
        ledger.givenBack(slot.entry());
        if (bypassed) {
            window.bypassGivenBack();
        } else {
            window.giveBack(before, low);
        }
        sooner.run();
    }

    void ended() {
        openSlots--;
    }

    void accepted(SlidingWindowLog.Sent sent, int sentBefore, RateLimitSignal signal, long now) {
        openSlots--;
        window.answered(sent, now);
        adaptive.accepted(sentBefore, sent.at(), signal, now);
        signal.remainingTokens().ifPresent(left -> tokens.told(left, now));
        follow(now);
    }

    void refused(SlidingWindowLog.Sent sent, int sentBefore, RateLimitSignal signal, long now) {
        openSlots--;
        window.answered(sent, now);
        if (bypasses.spoil(sent.at())) {
            adaptive.refusedBesideOthers(sent.at(), signal, window.rule().even(), now);
        } else {
            boolean insideLimit = sentBefore < window.rule().limit();
            adaptive.refused(sentBefore, sent.at(), insideLimit, signal, window.rule().even(), now);
        }
        if (signal.kind() == RateLimitSignal.Kind.TOKEN_RATE) {
            tokens.refused(now);
        }
        bypasses.refused(now);
        follow(now);
        sooner.run();
    }

    /** The provider accepted a request beside the queue. */
    void bypassAccepted(SlidingWindowLog.Sent sent, RateLimitSignal signal, long now) {
        openSlots--;
        window.answered(sent, now);
        adaptive.bypassAccepted(sent.at(), signal, now);
        follow(now);
    }

    /** The provider refused a request beside the queue, which says nothing about its limit. */
    void bypassRefused(SlidingWindowLog.Sent sent, RateLimitSignal signal, long now) {
        openSlots--;
        window.bypassRefused(sent, now);
        bypasses.refused(now);
        adaptive.bypassRefused(sent.at(), signal, now);
        follow(now);
        sooner.run();
    }
}
