package dev.sidecar.ops;

import dev.sidecar.config.Secret;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.fleet.FleetStatus;
import dev.sidecar.providers.AccountLimit;
import dev.sidecar.providers.AuthForm;
import dev.sidecar.providers.Circuits;
import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProviderKey;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.reload.RoutesReport;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.Key;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.UpstreamEvidence;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Providers with their keys, as the views see them, in a time that a test moves. No program, no network. */
final class TwoProviders {

    static final String OURS = "ours";
    static final String ELSEWHERE = "elsewhere";
    static final Instant START = Instant.parse("2026-11-30T14:02:05Z");

    private static final Duration UNTIL_PROBE = Duration.ofSeconds(8);

    final AtomicLong nanos = new AtomicLong();
    Optional<FleetStatus> fleet = Optional.empty();
    final ProvidersInForce inForce;
    final Circuits circuits;
    final Evidences evidences;
    final Throttle<String> throttle;
    final ProviderStates states;

    private TwoProviders(Provider... providers) {
        inForce = new ProvidersInForce(new Providers(List.of(providers)));
        circuits = new Circuits(inForce, CircuitBreaker::ofDefaults);
        evidences = new Evidences(nanos::get, () -> START.plusNanos(nanos.get()));
        throttle = new Throttle<>(new ThrottleSettings(40, 40, Pacing.WINDOW, 500, Duration.ofSeconds(150),
                Duration.ofSeconds(2), false), lanes(), nanos::get);
        states = new ProviderStates(inForce, circuits, _ -> UNTIL_PROBE, evidences);
        evidences.keys(inForce.get().all().stream().flatMap(provider -> provider.keys().stream()
                .map(key -> new Evidences.Id(provider.name(), key.name()))).toList());
    }

    /** {@code ours} with the keys {@code team-a}, and {@code team-b} and {@code team-c} of one account; then {@code elsewhere}. */
    static TwoProviders ofThree() {
        return new TwoProviders(
                provider(OURS, 0, key("team-a", "team-a"), key("team-b", "shared"), key("team-c", "shared")),
                provider(ELSEWHERE, 10, key("spare", "spare")));
    }

    /** A provider with one key, both of the same name. */
    static TwoProviders single() {
        return new TwoProviders(provider(OURS, 0, key(OURS, OURS)));
    }

    static Provider provider(String name, int fallbackAfter, ProviderKey... keys) {
        return new Provider(name, new UpstreamAddress("http://" + name + ".example"), AuthForm.BEARER, List.of(keys),
                List.of(keys).stream().map(ProviderKey::account).distinct().map(each -> new AccountLimit(each, 40, 0))
                        .toList(),
                ModelMap.EVERYTHING, Duration.ofSeconds(fallbackAfter));
    }

    static ProviderKey key(String name, String account) {
        return new ProviderKey(name, new Secret("secret-of-" + name), account);
    }

    private List<LaneSettings> lanes() {
        return inForce.get().all().stream().map(each -> {
            Map<String, BudgetSettings> accounts = new LinkedHashMap<>();
            each.accounts().forEach(one -> accounts.put(one.name(),
                    new BudgetSettings(one.rateRpm(), 40, Pacing.WINDOW)));
            return new LaneSettings(each.name(),
                    each.keys().stream().map(key -> new Key(key.name(), key.account())).toList(), accounts,
                    each.fallbackAfter());
        }).toList();
    }

    /** Others in force, as an edit of the file puts them. */
    void put(Provider... providers) {
        inForce.put(new Providers(List.of(providers)));
        throttle.providers(lanes());
    }

    UpstreamEvidence key(String name) {
        return Objects.requireNonNull(evidences.named(name));
    }

    /** The provider refuses the key for good. */
    void refuse(String... keys) {
        for (var key : keys) {
            key(key).requestAnswered(402, true, "m", "a");
        }
    }

    void open(String provider) {
        circuits.of(provider).transitionToOpenState();
    }

    /** A request is sent, and refused with a pause. */
    void pause(int seconds) {
        var queued = (Admission.Queued<String>) throttle.admit(Priority.NORMAL, null);
        throttle.enqueue(queued.ticket(), "r");
        while (true) {
            switch (throttle.next()) {
                case Next.WaitNanos<String>(var wait) -> nanos.addAndGet(wait);
                case Next.Depart<String>(var departure) -> {
                    var slot = ((Verdict.Granted) departure.verdict()).slot();
                    slot.sent();
                    slot.refused(new RateLimitSignal(RateLimitSignal.Kind.UNKNOWN,
                            Optional.of(Duration.ofSeconds(seconds)), OptionalInt.empty(), OptionalInt.empty(),
                            Optional.empty()));
                    return;
                }
                default -> throw new IllegalStateException("no slot");
            }
        }
    }

    Conditions conditions() {
        return new Conditions(states,
                () -> new RoutesReport(1, BigDecimal.ONE, List.of(), 0, Set.of(), null), Optional::empty,
                Optional::empty, () -> fleet, () -> false,
                () -> START.plusNanos(nanos.get()));
    }

    Condition condition() {
        return conditions().of(throttle.snapshot());
    }

    /** The codes of all causes. */
    Set<String> causes() {
        return condition().causes().stream().map(cause -> cause.state().label()).collect(Collectors.toSet());
    }
}
