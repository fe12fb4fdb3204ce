package dev.sidecar.throttle.pool;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.budget.TokenBudget;
import dev.sidecar.throttle.tokens.TokenCost;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of a provider, and which of them pays for the next request. That is decided when a slot is granted,
 * never before: of the accounts that may send now, the one with the most left pays. With one account, its budget decides
 * alone.
 *
 * <p>
 * Each account keeps its own rules. It sees a part of the queue that is as large as its part of what is left. Not
 * thread-safe, no clock: it receives the time in nanoseconds.
 */
public final class Pool {

    private final List<Account> accounts;
    private final KeyRing keys;
    /** The accounts with a key that the provider accepts; that of the primary key where it accepts none. */
    private List<Account> inUse;

    /** @param accounts those that the keys name */
    public Pool(List<Account> accounts, KeyRing keys) {
        this.accounts = List.copyOf(accounts);
        this.keys = keys;
        this.inUse = choosePayers();
    }

    private List<Account> choosePayers() {
        List<Account> payers = accounts.stream().filter(each -> keys.serves(each.name())).toList();
        return payers.isEmpty() ? List.of(named(keys.primary().account())) : payers;
    }

    private Account named(String account) {
        return accounts.stream().filter(each -> each.name().equals(account)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no account is named " + account));
    }

    /** The budget of this account, null if it is not known. */
    public @Nullable Budget account(String name) {
        return accounts.stream().filter(each -> each.name().equals(name)).map(Account::budget).findFirst().orElse(null);
    }

    /** All accounts, also those that cannot pay now. */
    public List<Account> accounts() {
        return accounts;
    }

    /** The accounts that can pay: those with a key that the provider accepts. */
    public List<Account> inUse() {
        return inUse;
    }

    public KeyRing keys() {
        return keys;
    }

    /**
     * The part of this pool that may pay for a request: itself if every account may.
     *
     * @param primary whether the primary key pays, whatever the provider says about it
     */
    public Pool payableBy(KeyUser user, boolean primary, long now) {
        if (!primary && keys.isWhole() && !user.isChoosy()) {
            return this;
        }
        List<Account> some = primary
                ? List.of(named(keys.primary().account()))
                : inUse.stream().filter(each -> keys.keyOf(each.name(), user, now) != null).toList();
        return some.isEmpty() || some.equals(inUse) ? this : new Pool(accounts, keys, some);
    }

    private Pool(List<Account> accounts, KeyRing keys, List<Account> inUse) {
        this.accounts = accounts;
        this.keys = keys;
        this.inUse = inUse;
    }

    /** What the provider says about its keys has changed. */
    public void keysChanged() {
        inUse = choosePayers();
    }

    /** Takes over what is known about the keys of a pool that this one replaces. */
    public void learnFrom(Pool before) {
        keys.learnFrom(before.keys);
        keysChanged();
    }

    /** Lets time pass; returns the nanoseconds for which nothing more changes by itself. */
    public long at(long now) {
        long unchanged = SlidingWindow.NEVER;
        for (Account each : accounts) {
            unchanged = Math.min(unchanged, each.budget().at(now));
        }
        return unchanged;
    }

    /**
     * The time until one of the accounts may pay for a request; at most 0 if one may now.
     *
     * @param waiting the number of waiting requests in its class and above, itself included
     * @param spread whether what is left is spread until more comes back
     */
    public long delay(boolean low, int waiting, boolean spread, long now) {
        long delay = SlidingWindow.NEVER;
        int left = left(now);
        for (Account each : inUse) {
            SlidingWindow window = window(each);
            delay = Math.min(delay, window.delay(low, part(waiting, window.left(now), left), spread, now));
        }
        return delay;
    }

    /**
     * The account and key that pay for a request that may go now; null if the accounts with a slot may not pay for it.
     *
     * @param waiting the number of waiting requests in its class and above, itself included
     * @param avoided the account that pays only if no other can; null for none
     * @param tokens what the request may cost
     */
    public @Nullable Paying choose(boolean low, int waiting, @Nullable String avoided, KeyUser user,
            TokenCost tokens, long now) {
        if (inUse.size() == 1 && keys.isWhole() && !user.isChoosy()) {
            Account only = inUse.getFirst();
            return tokens(only).delay(tokens, now) > 0 ? null : Paying.of(only, keys.keyOf(only.name(), user, now));
        }
        int left = left(now);
        Account best = inUse.stream()
                .filter(each -> keys.keyOf(each.name(), user, now) != null && tokens(each).delay(tokens, now) <= 0)
                .map(each -> Offer.of(each, low, waiting, left, avoided, now)).filter(Offer::may).max(Offer.BETTER)
                .map(Offer::account).orElse(null);
        return best == null ? null : Paying.of(best, keys.keyOf(best.name(), user, now));
    }

    /** The primary key pays, whatever the provider says about it; null if its account may not send now. */
    public @Nullable Paying choosePrimary(boolean low, TokenCost tokens, long now) {
        Account account = named(keys.primary().account());
        return window(account).delay(low, 1, false, now) <= 0 && tokens(account).delay(tokens, now) <= 0
                ? Paying.of(account, keys.primary())
                : null;
    }

    /**
     * The time until an account has both a slot and the tokens for a request, where one has a slot now; 0 if none of those
     * that may pay for it has one.
     */
    public long tokenDelay(boolean low, KeyUser user, boolean primary, TokenCost tokens, long now) {
        long delay = SlidingWindow.NEVER;
        boolean hasSlot = false;
        for (Account each : primary ? List.of(named(keys.primary().account())) : inUse) {
            if (primary || keys.keyOf(each.name(), user, now) != null) {
                long slot = window(each).delay(low, 1, false, now);
                hasSlot |= slot <= 0;
                delay = Math.min(delay, Math.max(slot, tokens(each).delay(tokens, now)));
            }
        }
        return hasSlot ? delay : 0;
    }

    /** The time until an account may pay for a request that not every key will do for; at least 1. */
    public long delayFor(boolean low, KeyUser user, long now) {
        long delay = SlidingWindow.NEVER;
        for (Account each : inUse) {
            if (keys.keyOf(each.name(), user, now) != null) {
                delay = Math.min(delay, window(each).delay(low, 1, false, now));
            }
        }
        return Math.max(1, delay);
    }

    /** The same for the primary key. */
    public long primaryDelay(boolean low, long now) {
        return Math.max(1, window(named(keys.primary().account())).delay(low, 1, false, now));
    }

    /** The account and the key that pay. */
    public record Paying(Account account, Key key) {

        static @Nullable Paying of(Account account, @Nullable Key key) {
            return key == null ? null : new Paying(account, key);
        }
    }

    /**
     * What an account can do for a request.
     *
     * @param may whether it may send now
     * @param mayWithSpread whether it may send now although what it has left is spread
     */
    private record Offer(Account account, boolean may, boolean mayWithSpread, boolean avoided, int left) {

        static final Comparator<Offer> BETTER = Comparator.comparing((Offer each) -> each.may && !each.avoided)
                .thenComparing(Offer::mayWithSpread).thenComparing(Offer::may).thenComparingInt(Offer::left);

        static Offer of(Account account, boolean low, int waiting, int allLeft, @Nullable String avoided, long now) {
            SlidingWindow window = window(account);
            int left = window.left(now);
            int part = part(waiting, left, allLeft);
            return new Offer(account, window.delay(low, part, false, now) <= 0,
                    window.delay(low, part, true, now) <= 0, account.name().equals(avoided), left);
        }
    }

    /**
     * The part of a number that falls to an account, rounded up.
     *
     * @param share what the account has of the whole; all of the number is its part where nobody has anything
     */
    public static int part(int number, long share, long whole) {
        return share == whole || whole == 0 ? number : (int) Math.ceilDiv(number * share, whole);
    }

    /**
     * No start of the request at this place can be earlier, if the accounts together serve it as fast as the rules in
     * force allow.
     *
     * @param place its number among all requests served until then, itself included, from 1
     * @param lowPlace its number among the low ones of them, itself included, for a low request; otherwise 0
     */
    public long startDelay(int place, int lowPlace, long now) {
        return startDelay(each -> window(each).rule(), place, lowPlace, now);
    }

    /** The same if everything learned were forgotten: by the operator's limits. */
    public long baseStartDelay(int place, int lowPlace, long now) {
        return startDelay(each -> each.budget().baseRule(), place, lowPlace, now);
    }

    private long startDelay(Function<Account, BudgetRule> rules, int place, int lowPlace, long now) {
        if (inUse.size() == 1) {
            return window(inUse.getFirst()).startDelay(rules.apply(inUse.getFirst()), place, lowPlace, now);
        }
        // When the n-th has started, at least one account has served its part of n.
        long limits = sum(rules);
        long all = SlidingWindow.NEVER;
        long low = SlidingWindow.NEVER;
        for (Account each : inUse) {
            BudgetRule rule = rules.apply(each);
            SlidingWindow window = window(each);
            all = Math.min(all, window.startDelay(rule, part(place, rule.limit(), limits), 0, now));
            low = Math.min(low, window.startDelay(rule, 1, part(lowPlace, rule.limit(), limits), now));
        }
        return lowPlace > 0 ? Math.max(all, low) : all;
    }

    /** By then the request at this place has started, by the operator's limits. */
    public long baseLatestStart(int place, int lowPlace, long now) {
        long limits = sum(each -> each.budget().baseRule());
        long latest = 0;
        for (Account each : inUse) {
            BudgetRule rule = each.budget().baseRule();
            latest = Math.max(latest, window(each).startDelay(rule, part(place, rule.limit(), limits),
                    part(lowPlace, rule.limit(), limits), now));
        }
        return latest;
    }

    private long sum(Function<Account, BudgetRule> rules) {
        long sum = 0;
        for (Account each : inUse) {
            sum += rules.apply(each).limit();
        }
        return sum;
    }

    /** How many more the ceilings allow now. */
    public int left(long now) {
        int left = 0;
        for (Account each : inUse) {
            left += window(each).left(now);
        }
        return left;
    }

    /** The requests that count, unsent slots included. */
    public int used(long now) {
        int used = 0;
        for (Account each : inUse) {
            used += window(each).used(now);
        }
        return used;
    }

    /** How many requests could be sent at once now. */
    public double tokens(long now) {
        double tokens = 0;
        for (Account each : inUse) {
            tokens += window(each).tokens(now);
        }
        return tokens;
    }

    /** The most that is sent at once from an idle state. */
    public int burst() {
        int burst = 0;
        for (Account each : inUse) {
            burst += window(each).rule().burst();
        }
        return burst;
    }

    /** The ceilings in force together: requests in any 60 s. */
    public int limit() {
        return (int) sum(each -> window(each).rule());
    }

    /** The distance at which slots come back, in nanoseconds. */
    public long interval() {
        return BudgetRule.PERIOD / limit();
    }

    /** Whether every account keeps an even distance between its sends. */
    public boolean isPaced() {
        return inUse.stream().allMatch(each -> window(each).rule().paced());
    }

    /** When the latest slot was granted. */
    public long grantedAt() {
        long latest = window(inUse.getFirst()).grantedAt();
        for (Account each : inUse) {
            long at = window(each).grantedAt();
            latest = at - latest > 0 ? at : latest;
        }
        return latest;
    }

    /** A request of high or normal class begins to wait, and no other one waits. */
    public void busy(long now) {
        inUse.forEach(each -> window(each).busy(now));
    }

    /** Slots handed out and not yet ended. */
    public int openSlots() {
        return accounts.stream().mapToInt(each -> each.budget().openSlots()).sum();
    }

    /** The account that pays for a request beside the full queue; null if none may. */
    public @Nullable Account bypass(long now) {
        return inUse.stream().filter(each -> each.budget().mayBypass(now))
                .max(Comparator.comparingInt(each -> window(each).left(now))).orElse(null);
    }

    /** The account of the primary key. */
    public Budget first() {
        return named(keys.primary().account()).budget();
    }

    /** Whether every account that could pay pauses for longer than this. */
    public boolean pausesLongerThan(long nanos, long now) {
        return inUse.stream().allMatch(each -> window(each).pausedUntil() - now > nanos);
    }

    /** The largest gap that any account keeps after a grant, in nanoseconds. */
    public long largestGap() {
        return inUse.stream().mapToLong(each -> window(each).rule().gap()).max().orElse(0);
    }

    /** The largest distance that any account keeps between its sends, in nanoseconds. */
    public long largestDistance() {
        return inUse.stream().mapToLong(each -> window(each).rule().even()).max().orElse(0);
    }

    /** Whether every account that can pay has a limit of tokens. */
    public boolean limitsTokens() {
        return inUse.stream().allMatch(each -> tokens(each).limit() > 0);
    }

    /** What a request takes of the tokens of all accounts; 0 if they are not limited. */
    public long tokensOf(TokenCost request) {
        return limitsTokens()
                ? request.estimate().of(inUse.stream().mapToLong(each -> tokens(each).limit()).max().orElse(0))
                : 0;
    }

    /** The time until all accounts together probably have so many tokens, 0 if now, or if they are not limited. */
    public long tokenStart(long needed, long now) {
        if (needed == 0 || !limitsTokens()) {
            return 0;
        }
        long all = inUse.stream().mapToLong(each -> tokens(each).limit()).sum();
        return inUse.stream()
                .mapToLong(each -> tokens(each).start((long) ((double) needed * tokens(each).limit() / all), now)).min()
                .orElse(0);
    }

    private static SlidingWindow window(Account account) {
        return account.budget().window();
    }

    private static TokenBudget tokens(Account account) {
        return account.budget().tokens();
    }
}
