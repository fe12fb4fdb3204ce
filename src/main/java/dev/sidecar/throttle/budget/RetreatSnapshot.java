package dev.sidecar.throttle.budget;

import java.time.Duration;
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
     * A refusal.
     *
     * @param kind the limit that the provider named as exceeded
     * @param accepted the requests that the provider had accepted in the minute before
     * @param age how long ago
     */
    public record Evidence(RateLimitSignal.Kind kind, double accepted, Duration age) {
    }
}
