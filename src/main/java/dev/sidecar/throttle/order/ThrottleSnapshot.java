package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetMinute;
import dev.sidecar.throttle.budget.RetreatSnapshot;
import dev.sidecar.throttle.pool.CappedModel;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The throttle at one moment: every figure is from the same instant. {@code totalEnqueued} is always the sum of
 * {@code totalDequeued}, {@code totalDropped} and those waiting.
 *
 * @param tokens how many could be sent at once now, 0 to {@code capacity}
 * @param capacity the burst capacity
 * @param minute the budget of the trailing minute
 * @param retreat the rate in force, and what the provider's answers have made of it
 * @param waiting how many wait, for every class
 * @param longestWait how long the longest waiting of every class has waited, zero if nobody does
 * @param totalEnqueued tickets that took a place in the queue, those of further tries included
 * @param totalDequeued tickets that were granted a slot
 * @param totalDropped tickets that left without one: timed out, abandoned, refused while waiting
 * @param refusedFull requests refused because the queue was full
 * @param refusedOther requests refused at admission for another reason
 * @param healthy false when somebody could have been sent for longer than a whole window and nothing was granted
 * @param bypassed requests sent beside the full queue
 * @param openSlots slots handed out and not yet ended
 * @param retried tickets that took a place for a further try of their request
 * @param cappedModels models of which the provider refused more at a time, at most 64
 */
public record ThrottleSnapshot(double tokens, int capacity, BudgetMinute minute, RetreatSnapshot retreat,
        int queueMax,
        Map<Priority, Integer> waiting, Map<Priority, Duration> longestWait, long totalEnqueued, long totalDequeued,
        long totalDropped, long refusedFull,
        long refusedOther, boolean healthy, long bypassed, int openSlots, long retried,
        List<CappedModel> cappedModels) {

    public ThrottleSnapshot {
        var copy = new EnumMap<Priority, Integer>(Priority.class);
        copy.putAll(waiting);
        waiting = Collections.unmodifiableMap(copy);
        longestWait = Collections.unmodifiableMap(new EnumMap<>(longestWait));
        cappedModels = List.copyOf(cappedModels);
    }

    /** How many wait, of all classes. */
    public int size() {
        return waiting.values().stream().mapToInt(Integer::intValue).sum();
    }
}
