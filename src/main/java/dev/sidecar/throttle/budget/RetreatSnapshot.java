package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The operator's limit as the provider's responses have changed it, at one moment. Rates are requests a minute.
 *
 * @param baseRpm what the operator allows
 * @param effectiveRpm the rate in force, never above {@code baseRpm}
 * @param pacing {@link Pacing#WINDOW} or {@link Pacing#PACED}
 * @param refusedShare the part of refusals among the responses of the last minute, 0 to 1
 * @param learnedRpm the estimate of the provider's real limit, if it is below the operator's
 * @param evidence the latest refusal, empty before the first
 * @param nextProbe until the next probe of the learned limit, zero during a probe; empty without a learned limit
 * @param paused how long sending still pauses after a refusal, zero without a pause
 * @param statedRpm the limit in the provider's header fields, if any
 * @param othersRpm a lower bound of what others on the same key use of it, as those fields show
 */
public record RetreatSnapshot(RetreatState state, double baseRpm, double effectiveRpm, Pacing pacing,
        double refusedShare, OptionalDouble learnedRpm, Optional<Evidence> evidence, Optional<Duration> nextProbe,
        Duration paused, OptionalInt statedRpm, int othersRpm) {

    /**
     * The state of several limits together: rates are added, and a pause counts only if all pause.
     *
     * @param all at least one
     */
    public static RetreatSnapshot sum(List<RetreatSnapshot> all) {
        if (all.size() == 1) {
            return all.getFirst();
        }
        boolean anyLearned = all.stream().anyMatch(each -> each.learnedRpm().isPresent());
        boolean allStated = all.stream().allMatch(each -> each.statedRpm().isPresent());
        return new RetreatSnapshot(worst(all), all.stream().mapToDouble(RetreatSnapshot::baseRpm).sum(),
                all.stream().mapToDouble(RetreatSnapshot::effectiveRpm).sum(),
                all.stream().allMatch(each -> each.pacing() == Pacing.PACED) ? Pacing.PACED : Pacing.WINDOW,
                all.stream().mapToDouble(RetreatSnapshot::refusedShare).max().orElse(0),
                anyLearned
                        ? OptionalDouble.of(all.stream().mapToDouble(each -> each.learnedRpm().orElse(each.baseRpm()))
                                .sum())
                        : OptionalDouble.empty(),
                all.stream().flatMap(each -> each.evidence().stream()).min(Comparator.comparing(Evidence::age)),
                all.stream().flatMap(each -> each.nextProbe().stream()).min(Comparator.naturalOrder()),
                all.stream().map(RetreatSnapshot::paused).min(Comparator.naturalOrder()).orElse(Duration.ZERO),
                allStated
                        ? OptionalInt.of(all.stream().mapToInt(each -> each.statedRpm().orElse(0)).sum())
                        : OptionalInt.empty(),
                all.stream().mapToInt(RetreatSnapshot::othersRpm).sum());
    }

    private static RetreatState worst(List<RetreatSnapshot> all) {
        if (all.stream().anyMatch(each -> each.state() == RetreatState.RETREAT)) {
            return RetreatState.RETREAT;
        }
        return all.stream().anyMatch(each -> each.state() == RetreatState.RECOVER)
                ? RetreatState.RECOVER
                : RetreatState.NORMAL;
    }

    /**
     * A refusal.
     *
     * @param kind the limit that the provider named as exceeded
     * @param accepted the requests that the provider had accepted in the minute before
     * @param age how long ago
     */
    public record Evidence(RateLimitSignal.Kind kind, double accepted, Duration age) {
    }
}
