package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sidecar.http.UnixTime;
import dev.sidecar.throttle.order.KeyFigures;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A key of a provider in {@code /status}, by its name. Keys of one account have the same figures: it is the account that has a
 * limit.
 *
 * @param account whose limit it spends; absent if it has one of its own
 * @param state {@code ok}, {@code paused}, {@code refused} or {@code circuit_open}
 * @param rateRpm the operator's limit
 * @param effectiveRpm the rate in force
 * @param tokens the requests that could be sent at once now
 * @param used the requests of the trailing minute
 * @param learnedRpm the estimate of the provider's real limit; absent if it is not below the operator's
 * @param pausedSeconds until sending goes on after a refusal
 * @param refusedStatus the status of the first refusal since the last success; absent if there is none
 * @param refusedModel the only model that it was refused for, with {@code ok}; otherwise absent
 * @param refusedSince seconds since 1970
 * @param modelTokens the account's tokens; absent if they are not limited
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record KeyStatus(String provider, String name, @Nullable String account, String state, double rateRpm,
        double effectiveRpm, double tokens, int used, String retreat, @Nullable Double learnedRpm,
        double pausedSeconds, @Nullable Integer refusedStatus, @Nullable String refusedModel,
        @Nullable BigDecimal refusedSince, @Nullable TokenStatus modelTokens) {

    static KeyStatus of(KeyState key) {
        var figures = key.figures();
        var retreat = figures.retreat();
        var refusal = key.refusal().orElse(null);
        var learned = retreat.learnedRpm();
        return new KeyStatus(figures.provider(), figures.name(),
                figures.account().equals(figures.name()) ? null : figures.account(), state(key).label(),
                Figures.tenths(retreat.baseRpm()), Figures.tenths(retreat.effectiveRpm()),
                Figures.tenths(figures.tokens()), figures.minute().used(), retreat.state().name(),
                learned.isPresent() ? Figures.tenths(learned.getAsDouble()) : null, Figures.seconds(retreat.paused()),
                refusal == null ? null : refusal.status(), refusal == null ? null : refusal.model(),
                refusal == null ? null : UnixTime.seconds(refusal.since()),
                figures.modelTokens().map(TokenStatus::of).orElse(null));
    }

    /** In a fleet a key is out for all when the provider has refused it to one. */
    private static KeyFigures.State state(KeyState key) {
        return key.figures().state() == KeyFigures.State.REFUSED ? KeyFigures.State.REFUSED : key.state();
    }
}
