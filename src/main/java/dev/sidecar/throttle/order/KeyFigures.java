package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetMinute;
import dev.sidecar.throttle.budget.RetreatSnapshot;
import dev.sidecar.throttle.budget.TokenFigures;
import dev.sidecar.throttle.pool.Account;
import dev.sidecar.throttle.pool.Key;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * A key at one moment. Where a figure is of its account, all keys of the account have the same one.
 *
 * @param name its name, never the key itself
 * @param tokens the requests that its account could send at once now
 * @param minute the account's trailing minute; the next slot is not given
 * @param retreat the account's rate in force, and what the provider's responses have taught
 * @param modelTokens the account's tokens of models; empty if they are not limited
 */
public record KeyFigures(String provider, String name, String account, State state, double tokens, BudgetMinute minute,
        RetreatSnapshot retreat, Optional<TokenFigures> modelTokens) {

    /** What keeps a key from paying. */
    public enum State {
        /** Nothing. */
        OK,
        /** The provider has asked for a pause. */
        PAUSED,
        /** The provider refuses the key for every request. */
        REFUSED,
        /** The provider fails, and is sent nothing for now. */
        CIRCUIT_OPEN;

        /** The name in JSON and metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static KeyFigures of(String provider, Key key, State known, Account account, long now) {
        RetreatSnapshot retreat = account.budget().retreat(now);
        State state = known == State.OK && retreat.paused().isPositive() ? State.PAUSED : known;
        return new KeyFigures(provider, key.name(), account.name(), state,
                state == State.OK ? account.budget().window().tokens(now) : 0,
                new BudgetMinute(account.budget().window().rule().limit(), account.budget().window().used(now),
                        Optional.<Duration>empty()),
                retreat, account.budget().tokens().figures(now));
    }
}
