package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetMinute;
import dev.sidecar.throttle.budget.LimitSpan;
import dev.sidecar.throttle.budget.RetreatSnapshot;
import dev.sidecar.throttle.budget.TokenFigures;
import dev.sidecar.throttle.pool.CappedModel;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The state of the throttle: all figures are from the same instant. {@code totalEnqueued} is always the sum of {@code
 * totalDequeued}, {@code totalDropped} and the waiting requests.
 *
 * @param tokens the number of requests that could be sent at once now, 0 to {@code capacity}
 * @param capacity the burst capacity
 * @param minute the budget of the trailing minute
 * @param retreat the rate in force, and what the provider's responses have taught
 * @param spans what held the budget below the operator's limit in the last window
 * @param waiting the number of waiting requests of every class
 * @param longestWait the longest wait of every class, zero if none waits
 * @param totalEnqueued tickets that took a place in the queue, further attempts included
 * @param totalDequeued tickets that were granted a slot
 * @param totalDropped tickets that left without one: timed out, abandoned, refused while waiting
 * @param refusedFull requests refused because the queue was full
 * @param refusedOther requests refused at admission for another reason
 * @param healthy false when a request could have been sent for longer than a whole window and nothing was granted
 * @param bypassed requests sent beside the full queue
 * @param openSlots slots handed out and not yet ended
 * @param retried tickets that took a place for a further attempt of their request
 * @param cappedModels models with a cap learned from refusals, at most 64
 * @param clients all known clients, by name
 * @param keys all keys, in the order of the providers; where a figure is of an account, its keys have the same one
 */
public record ThrottleSnapshot(double tokens, int capacity, BudgetMinute minute, RetreatSnapshot retreat,
        List<LimitSpan> spans, int queueMax,
        Map<Priority, Integer> waiting, Map<Priority, Duration> longestWait, long totalEnqueued, long totalDequeued,
        long totalDropped, long refusedFull,
        long refusedOther, boolean healthy, long bypassed, int openSlots, long retried,
        List<CappedModel> cappedModels, List<ClientFigures> clients, List<KeyFigures> keys) {

    public ThrottleSnapshot {
        var copy = new EnumMap<Priority, Integer>(Priority.class);
        copy.putAll(waiting);
        waiting = Collections.unmodifiableMap(copy);
        longestWait = Collections.unmodifiableMap(new EnumMap<>(longestWait));
        spans = List.copyOf(spans);
        cappedModels = List.copyOf(cappedModels);
        clients = List.copyOf(clients);
        keys = List.copyOf(keys);
    }

    /** The tokens of models that all accounts together may use; empty if one of them is not limited. */
    public Optional<TokenFigures> modelTokens() {
        var accounts = keys.stream().collect(Collectors.toMap(each -> List.of(each.provider(), each.account()),
                KeyFigures::modelTokens, (one, _) -> one)).values();
        return accounts.stream().allMatch(Optional::isPresent)
                ? accounts.stream().flatMap(Optional::stream).reduce(TokenFigures::plus)
                : Optional.empty();
    }

    /** The number of waiting requests of all classes. */
    public int size() {
        return waiting.values().stream().mapToInt(Integer::intValue).sum();
    }
}
