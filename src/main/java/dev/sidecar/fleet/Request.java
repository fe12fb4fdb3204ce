package dev.sidecar.fleet;

import dev.sidecar.throttle.order.Earlier;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Serving;
import dev.sidecar.throttle.tokens.TokenEstimate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A waiting request, as the leader knows it: nothing of its content. Immutable; times are in milliseconds, from the message on.
 *
 * @param number of the request at its replica; with {@code attempt} it names the attempt
 * @param client who asks, and with which weight, if the leader does not know better
 * @param model as the client names it, null if unknown
 * @param servedBy the name of the model at each provider that may serve it; empty for none
 * @param primaryOnly whether only the first key of the first provider will do
 * @param age since it arrived
 * @param patience the longest wait, from its arrival
 * @param notBefore the rest of its back-off
 * @param paidBefore the account that paid for the attempt before
 * @param refusedBy the keys that it may not use
 * @param pausing the provider that asks to be left alone by it
 * @param pausedFor for how long
 * @param tokens what it may cost; null from a replica that does not say
 */
public record Request(long number, int attempt, Priority priority, String client, int weight, @Nullable String model,
        Map<String, String> servedBy, boolean primaryOnly, long age, long patience, long notBefore,
        @Nullable String paidBefore, Set<String> refusedBy, @Nullable String pausing, long pausedFor,
        @Nullable Tokens tokens) {

    /**
     * What it may cost.
     *
     * @param most null if the client does not say
     * @param usual null if none was seen
     */
    public record Tokens(long input, @Nullable Long most, @Nullable Long usual) {

        static Tokens of(TokenEstimate estimate) {
            return new Tokens(estimate.input(), boxed(estimate.most()), boxed(estimate.usual()));
        }

        private static @Nullable Long boxed(OptionalLong value) {
            return value.isPresent() ? (Long) value.getAsLong() : null;
        }

        private static OptionalLong unboxed(@Nullable Long value) {
            return value == null ? OptionalLong.empty() : OptionalLong.of(value);
        }
    }

    TokenEstimate estimate() {
        return tokens == null
                ? TokenEstimate.NONE
                : new TokenEstimate(tokens.input, Tokens.unboxed(tokens.most), Tokens.unboxed(tokens.usual));
    }

    Call call() {
        return new Call(number, attempt);
    }

    /** The same when the leader has kept it for so long. */
    Request after(long millis) {
        return new Request(number, attempt, priority, client, weight, model, servedBy, primaryOnly, age + millis,
                patience, Math.max(0, notBefore - millis), paidBefore, refusedBy, pausing,
                Math.max(0, pausedFor - millis), tokens);
    }

    Earlier earlier(long numberThere, Set<String> withoutKeys) {
        return new Earlier(numberThere, Duration.ofMillis(age), attempt, Duration.ofMillis(notBefore), paidBefore,
                refusedBy, pausing, Duration.ofMillis(pausedFor)).without(withoutKeys);
    }

    Serving serving() {
        Serving some = Serving.of(servedBy.entrySet().stream()
                .map(each -> new Serving.At(each.getKey(), each.getValue().isEmpty() ? null : each.getValue()))
                .toList());
        return primaryOnly ? new PrimaryOnly(some) : some;
    }

    private record PrimaryOnly(Serving some) implements Serving {

        @Override
        public @Nullable At by(String provider, @Nullable String requested) {
            return some.by(provider, requested);
        }

        @Override
        public boolean primaryOnly() {
            return true;
        }
    }

    /** @param providers of this replica */
    static Map<String, String> servedBy(Serving serving, @Nullable String model, List<String> providers) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String each : providers) {
            Serving.At at = serving.by(each, model);
            if (at != null) {
                names.put(each, at.model() == null ? "" : at.model());
            }
        }
        return names;
    }
}
