package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.quota.ClientQuota;
import dev.sidecar.throttle.quota.ClientQuota.Hold;
import dev.sidecar.throttle.quota.PeriodUse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;

/**
 * The clients, what they have had, and the use of their own limits. Not thread-safe: part of its {@link
 * QueueScheduler}. All times in nanoseconds.
 */
final class OwnLimits {

    private final Map<String, Account> accounts = new HashMap<>();
    /** What clients have used in another process. */
    private Map<String, List<PeriodUse>> left = Map.of();
    /** When it was like that. */
    private long leftAt;
    /** The clients that a period holds back, the next end of a period first. */
    private final TreeSet<Account> heldByPeriod = new TreeSet<>(Account::byEnd);

    private static final class Account {

        private ClientPolicy policy;
        private final ClientQuota quota = new ClientQuota();
        private boolean heldByPeriod;
        /** The end of the period that holds it back. */
        private long heldUntil;
        private long granted;
        private long refused;

        Account(ClientPolicy policy) {
            this.policy = policy;
            take(policy);
        }

        void take(ClientPolicy newPolicy) {
            policy = newPolicy;
            quota.limits(newPolicy.requestLimits(), newPolicy.tokenLimits(), newPolicy.concurrent());
        }

        static int byEnd(Account a, Account b) {
            int order = Long.signum(a.heldUntil - b.heldUntil);
            return order != 0 ? order : a.policy.name().compareTo(b.policy.name());
        }
    }

    /**
     * New policies. Requests of a client that is no longer among them keep what they have; it is forgotten when it has
     * none.
     *
     * @param waiting how many requests of a client wait
     */
    void policies(Collection<ClientPolicy> policies, ToIntFunction<String> waiting, long now) {
        Set<String> names = new HashSet<>();
        for (ClientPolicy policy : policies) {
            names.add(policy.name());
            Account known = accounts.get(policy.name());
            if (known == null) {
                accounts.put(policy.name(), newAccount(policy, now));
            } else {
                known.take(policy);
            }
        }
        for (String name : List.copyOf(accounts.keySet())) {
            Account account = accounts.get(name);
            if (account != null && !names.contains(name) && account.quota.running() == 0
                    && waiting.applyAsInt(name) == 0) {
                heldByPeriod.remove(account);
                accounts.remove(name);
            }
        }
    }

    /** What the clients have used of their own limits, for another process. */
    Map<String, List<PeriodUse>> uses(long now) {
        Map<String, List<PeriodUse>> uses = new HashMap<>();
        accounts.forEach((name, account) -> {
            if (account.policy.hasPeriods()) {
                uses.put(name, account.quota.uses(now));
            }
        });
        return uses;
    }

    /** Takes over what clients have used in another process, when they get their limits. */
    void restore(Map<String, List<PeriodUse>> uses, long now) {
        left = Map.copyOf(uses);
        leftAt = now;
    }

    private Account newAccount(ClientPolicy client, long now) {
        Account account = new Account(client);
        List<PeriodUse> uses = left.get(client.name());
        if (uses != null) {
            Duration passed = Duration.ofNanos(now - leftAt);
            account.quota.restore(uses.stream().map(each -> each.after(passed)).toList(), now);
        }
        return account;
    }

    /** The names of all known clients. */
    List<String> names() {
        return List.copyOf(accounts.keySet());
    }

    /** The policy in force for this client. */
    ClientPolicy inForce(ClientPolicy client) {
        return of(client).policy;
    }

    /**
     * A request of this client starts.
     *
     * @return the tokens that it holds until its response has ended
     */
    long started(Ticket<?> ticket, long now) {
        Account account = of(ticket.client());
        account.granted++;
        return account.quota.started(ticket.isFirstAttempt(), ticket.tokens(), now);
    }

    /** A request of this client that started has ended. */
    void finished(Ticket<?> ticket) {
        of(ticket.client()).quota.finished();
    }

    /** A response has ended whose request held tokens, and has cost this. */
    void spent(ClientPolicy client, long held, long tokens, long now) {
        of(client).quota.spent(held, tokens, now);
    }

    /** A request of this client was refused by the sidecar. */
    void refused(ClientPolicy client) {
        of(client).refused++;
    }

    /** What holds this client back now. */
    Hold hold(ClientPolicy client, long now) {
        return hold(of(client), now);
    }

    /** The same for a client by its name; a client that is not known is not held back. */
    Hold hold(String client, long now) {
        Account account = accounts.get(client);
        return account == null ? Hold.NONE : hold(account, now);
    }

    private Hold hold(Account account, long now) {
        Hold hold = account.quota.hold(now);
        if (account.heldByPeriod) {
            heldByPeriod.remove(account);
        }
        account.heldByPeriod = hold == Hold.PERIOD || hold == Hold.RESERVED;
        if (account.heldByPeriod) {
            account.heldUntil = now
                    + (hold == Hold.PERIOD ? account.quota.nanosUntil(1, now) : account.quota.reservedFor(now));
            heldByPeriod.add(account);
        }
        return hold;
    }

    /** The clients whose period has ended by now; {@link #hold} says what is true for them from now on. */
    List<String> ended(long now) {
        if (heldByPeriod.isEmpty()) {
            return List.of();
        }
        List<String> ended = new ArrayList<>();
        for (Account each : heldByPeriod) {
            if (each.heldUntil - now > 0) {
                break;
            }
            ended.add(each.policy.name());
        }
        return ended;
    }

    /** The time until the next period ends; {@link SlidingWindow#NEVER} if none holds a client back. */
    long nanosToChange(long now) {
        return heldByPeriod.isEmpty() ? SlidingWindow.NEVER : Math.max(0, heldByPeriod.getFirst().heldUntil - now);
    }

    /** Until the client's periods allow its n-th waiting request to start, 0 if now. */
    long nanosUntil(ClientPolicy client, int nth, long now) {
        Account account = of(client);
        return account.quota.isUnlimited() ? 0 : account.quota.nanosUntil(nth, now);
    }

    /** The state of every client, by name. */
    List<ClientFigures> figures(ToIntFunction<String> waiting, long now) {
        return accounts.values().stream().sorted(Comparator.comparing(each -> each.policy.name()))
                .map(each -> new ClientFigures(each.policy.name(), each.policy.weight(),
                        waiting.applyAsInt(each.policy.name()), each.quota.running(), each.granted, each.refused,
                        each.quota.use(now), each.quota.reserved(), each.quota.hold(now),
                        Duration.ofNanos(each.quota.nanosUntil(1, now))))
                .toList();
    }

    private Account of(ClientPolicy client) {
        return accounts.computeIfAbsent(client.name(), _ -> new Account(client));
    }
}
