package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What the provider's responses have taught about a limit, apart from the process that has learned it. Immutable. Rates
 * are requests a minute; times are ages, or time left where it says so.
 *
 * @param pacing in force, {@link Pacing#WINDOW} or {@link Pacing#PACED}
 * @param base the ceiling: the operator's limit, or less where the provider has stated less
 * @param rate in force
 * @param limit the estimate of the real limit, if there is one
 * @param sinceChange since the rate was cut or raised a step
 * @param sinceRefusal since the provider refused last
 * @param probe the probe of the estimate
 * @param refusals in a row, which make the next pause longer
 * @param statement what the provider's header fields have stated, if that still holds; else null
 * @param evidence the latest refusal, null before the first
 */
public record LearnedLimit(Pacing pacing, RetreatState state, double base, double rate, OptionalDouble limit,
        Duration sinceChange, Duration sinceRefusal, ProbeState probe, int refusals, @Nullable Statement statement,
        RetreatSnapshot.@Nullable Evidence evidence) {

    /**
     * How far the probe of the estimate has come.
     *
     * @param running whether the rate is above the estimate now
     * @param from the estimate before the latest probe
     * @param sinceStage since the rate has been where it is
     * @param due time left until the next probe, negative if it is overdue
     * @param every the distance to the probe after that
     * @param sinceGain since the latest probe has ended
     * @param gained whether the latest probe has raised the estimate
     * @param doubtful whether a gain did not last
     */
    public record ProbeState(boolean running, double from, Duration sinceStage, Duration due, Duration every,
            Duration sinceGain, boolean gained, boolean doubtful) {

        static ProbeState of(Probe probe, long now) {
            return new ProbeState(probe.running(), probe.from(), Duration.ofNanos(now - probe.stageAt()),
                    Duration.ofNanos(probe.dueAt() - now), Duration.ofNanos(probe.every()),
                    Duration.ofNanos(now - probe.gainedAt()), probe.gained(), probe.doubtful());
        }

        Probe at(long now) {
            return new Probe(running, from, now - sinceStage.toNanos(), now + due.toNanos(), every.toNanos(),
                    now - sinceGain.toNanos(), gained, doubtful);
        }

        ProbeState after(Duration passed) {
            return new ProbeState(running, from, sinceStage.plus(passed), due.minus(passed), every,
                    sinceGain.plus(passed),
                    gained, doubtful);
        }
    }

    /**
     * What the provider's header fields have stated.
     *
     * @param limit the limit
     * @param age since it was stated last
     * @param unstated how many responses have not repeated it
     * @param others what others use of it, 0 if nothing was seen
     * @param othersAge since that was seen
     */
    public record Statement(int limit, Duration age, int unstated, int others, Duration othersAge) {

        Statement after(Duration passed) {
            return new Statement(limit, age.plus(passed), unstated, others, othersAge.plus(passed));
        }
    }

    /** The state that the rate in force comes from. */
    Retreat retreat(long now) {
        return new Retreat(state, base, rate, limit.orElse(Retreat.UNKNOWN), now - sinceChange.toNanos(),
                now - sinceRefusal.toNanos(), probe.at(now));
    }

    /** The same after some time without responses, at least 0. */
    public LearnedLimit after(Duration passed) {
        return new LearnedLimit(pacing, state, base, rate, limit, sinceChange.plus(passed), sinceRefusal.plus(passed),
                probe.after(passed), refusals, statement == null ? null : statement.after(passed),
                evidence == null
                        ? null
                        : new RetreatSnapshot.Evidence(evidence.kind(), evidence.accepted(),
                                evidence.age().plus(passed)));
    }
}
