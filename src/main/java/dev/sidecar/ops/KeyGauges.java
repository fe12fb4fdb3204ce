package dev.sidecar.ops;

import dev.sidecar.providers.ProviderKey;
import dev.sidecar.providers.Providers;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.TokenFigures;
import dev.sidecar.throttle.order.KeyFigures;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The budget and the state of each key, as gauges. The keys are those of the file, which bounds them. All gauges of one scrape
 * read the same snapshot. Thread-safe.
 */
public final class KeyGauges {

    private static final String KEY = "key";
    private static final String KIND = "kind";

    private final Recent<Map<String, KeyState>> recent;
    private final MultiGauge tokens;
    private final MultiGauge rate;
    private final MultiGauge modelTokens;
    private final MultiGauge state;

    /** Has no meters before it is told of the {@linkplain #providers providers}. */
    public KeyGauges(ProviderStates states, Throttle<?> throttle, NanoClock clock, MeterRegistry registry) {
        this.recent = new Recent<>(() -> states.keys(throttle.snapshot()).stream()
                .collect(Collectors.toMap(key -> key.figures().name(), Function.identity())), clock);
        this.tokens = MultiGauge.builder("sidecar_key_tokens_available")
                .description("Requests that could be sent at once now with a key").register(registry);
        this.rate = MultiGauge.builder("sidecar_key_rate_rpm")
                .description("Requests a minute with a key: the operator's limit, and the rate in force")
                .register(registry);
        this.modelTokens = MultiGauge.builder("sidecar_key_model_tokens")
                .description(
                        "Tokens of models in the last minute with a key: the limit, used, and reserved; 0 without a limit")
                .register(registry);
        this.state = MultiGauge.builder("sidecar_key_state")
                .description("1 for the state that a key is in, 0 for the others").register(registry);
    }

    /** Their keys are in force from now on; the gauges of others disappear. */
    public void providers(Providers providers) {
        var keys = providers.all().stream().flatMap(each -> each.keys().stream()).map(ProviderKey::name).toList();
        register(tokens, keys, key -> Stream.of(row(Tags.of(KEY, key), key, seen -> seen.figures().tokens())));
        register(rate, keys, key -> Stream.of(
                row(Tags.of(KEY, key, KIND, "base"), key, seen -> seen.figures().retreat().baseRpm()),
                row(Tags.of(KEY, key, KIND, "effective"), key, seen -> seen.figures().retreat().effectiveRpm())));
        register(modelTokens, keys, key -> Stream.of(
                row(Tags.of(KEY, key, KIND, "limit"), key, seen -> tokens(seen, TokenFigures::limit)),
                row(Tags.of(KEY, key, KIND, "used"), key, seen -> tokens(seen, TokenFigures::used)),
                row(Tags.of(KEY, key, KIND, "reserved"), key, seen -> tokens(seen, TokenFigures::reserved))));
        register(state, keys, key -> Stream.of(KeyFigures.State.values()).map(each -> row(
                Tags.of(KEY, key, "state", each.label()), key, seen -> seen.state() == each ? 1 : 0)));
    }

    private static double tokens(KeyState key, ToDoubleFunction<TokenFigures> figure) {
        return key.figures().modelTokens().stream().mapToDouble(figure).sum();
    }

    private static void register(MultiGauge gauge, List<String> keys, Function<String, Stream<Row<?>>> rows) {
        gauge.register(keys.stream().flatMap(rows).toList(), true);
    }

    private Row<?> row(Tags tags, String key, ToDoubleFunction<KeyState> value) {
        return Row.of(tags, () -> {
            var seen = recent.get().get(key);
            return seen == null ? 0 : value.applyAsDouble(seen);
        });
    }
}
