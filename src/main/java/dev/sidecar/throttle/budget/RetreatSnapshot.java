package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What the provider's answers have made of the operator's limit, at one moment. Rates are requests a minute.
 *
 * @param baseRpm what the operator allows
 * @param effectiveRpm the rate in force, never above it
 * @param pacing {@link Pacing#WINDOW} or {@link Pacing#PACED}
 * @param refusedShare the part of the answers of the last minute that were refusals, 0 to 1
 * @param learnedRpm the estimate of the provider's real limit, if it is below the operator's
 * @param evidence what the latest refusal said about it, empty before the first
 * @param nextProbe until the learned limit is put to the test, zero while it is; empty if there is none
 * @param paused for how long nothing is sent because the provider has refused, zero if it is sent
 * @param statedRpm what the provider's header fields say it allows, if they do
 * @param othersRpm what others on the same key use of it at the least, as those fields show
 */
public record RetreatSnapshot(RetreatState state, double baseRpm, double effectiveRpm, Pacing pacing,
        double refusedShare, OptionalDouble learnedRpm, Optional<Evidence> evidence, Optional<Duration> nextProbe,
        Duration paused, OptionalInt statedRpm, int othersRpm) {

    /**
     * A refusal.
     *
     * @param kind what the provider said was exceeded
     * @param accepted the requests that it had accepted in the minute before
     * @param age how long ago
     */
    public record Evidence(RateLimitSignal.Kind kind, double accepted, Duration age) {
    }
}
