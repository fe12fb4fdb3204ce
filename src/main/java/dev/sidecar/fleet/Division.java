package dev.sidecar.fleet;

import dev.sidecar.fleet.Table.Row;
import dev.sidecar.throttle.pool.AccountId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The leader's half of the division of the limits. It proposes a table to all homes that are present, and settles it when all have
 * agreed. What absent homes may have, by any table that any present home knows, stays theirs.
 *
 * <h2>Why the parts never exceed a limit</h2>
 * A home raises its part only by a settled table to which it has agreed. A table is settled only when every home present has
 * agreed to it, and so has lowered its part where it must; homes that are absent keep in it what they may have. Could an absent
 * home have more than the leader knows? Only by a table that was settled without the leader's knowledge. Then other homes have
 * agreed to that table, and have less than the leader believes. When such a home appears it reports the table, and a home refuses
 * every proposal of a leader that does not know its latest table. This is the core of Paxos: what may have been chosen is learned
 * before something else is.
 *
 * <p>
 * Not thread-safe, no clock.
 */
final class Division {

    /** The longest time that a request counts, in milliseconds. */
    private final long span;
    private final String leader;
    private final long epoch;
    private long number;
    private @Nullable Table settled;
    /** Later tables, which may be settled somewhere. */
    private final Map<Version, Table> proposals = new TreeMap<>();
    /** What each present home has reported or agreed to last. */
    private final Map<String, Version> known = new TreeMap<>();
    /** Present homes that are about to stop: they get no part. */
    private final Set<String> leaving = new HashSet<>();
    /** Homes that are gone for good. */
    private final Set<String> gone = new HashSet<>();
    private @Nullable Table open;
    private final Map<String, Agreement> agreements = new TreeMap<>();
    /** Seats that were given up, and have no new home yet: for how long each is busy. */
    private final Map<AccountId, List<Long>> given = new HashMap<>();

    private record Agreement(List<Seats> before) {

        int part(AccountId account) {
            return before.stream().filter(each -> each.account().equals(account)).mapToInt(Seats::part).sum();
        }
    }

    /** @param span the longest time that a request counts, in milliseconds */
    Division(String leader, long epoch, long span) {
        this.leader = leader;
        this.epoch = epoch;
        this.span = span;
    }

    /** The latest settled table, null before the first. */
    @Nullable
    Table settled() {
        return settled;
    }

    /** Whether nobody present knows of any table. */
    boolean isNew() {
        return settled == null && proposals.isEmpty();
    }

    boolean isPresent(String home) {
        return known.containsKey(home);
    }

    /** In order. */
    List<String> present() {
        return List.copyOf(known.keySet());
    }

    /** This home is present, and knows these tables. */
    void joined(String home, Tables tables) {
        gone.remove(home);
        learn(tables);
        known.put(home, tables.highest());
        abort(); // it must agree too
    }

    /** What it knows and proposes. */
    Tables tables() {
        return new Tables(settled, open == null ? lastProposal() : open);
    }

    private @Nullable Table lastProposal() {
        Table last = null;
        for (Table each : proposals.values()) {
            last = each;
        }
        return last;
    }

    /** Somebody knows these tables. */
    void learn(Tables tables) {
        Table other = tables.settled();
        if (other != null && (settled == null || other.version().compareTo(settled.version()) > 0)) {
            settled = other;
            proposals.keySet().removeIf(each -> each.compareTo(other.version()) <= 0);
        }
        Table proposed = tables.proposed();
        if (proposed != null && (settled == null || proposed.version().compareTo(settled.version()) > 0)) {
            proposals.put(proposed.version(), proposed);
        }
    }

    /** This home is not heard of; it keeps what it may have. */
    void absent(String home) {
        known.remove(home);
        leaving.remove(home);
        abort();
    }

    /**
     * This home is about to stop. It gives up its part by the next table. If it is the last one, nobody gets it; the next ones count
     * it as used just now.
     */
    void leaves(String home) {
        if (known.containsKey(home) && leaving.add(home)) {
            abort();
        }
    }

    /** This home is gone for good; its seats count as used just now. */
    void gone(String home) {
        known.remove(home);
        gone.add(home);
        abort();
    }

    /** Gives up the open proposal. Homes that have agreed to it have lowered their parts all the same. */
    private void abort() {
        if (open != null) {
            open.rows().forEach(this::collectGiven);
            open = null;
        }
    }

    private void collectGiven(Row row) {
        agreements.forEach((home, agreement) -> agreement.before().stream()
                .filter(each -> each.account().equals(row.account()) && each.part() > row.part(home))
                .forEach(each -> give(each, row.part(home))));
    }

    /** @param rest what of them stays where it is */
    private void give(Seats seats, int rest) {
        List<Long> all = given.computeIfAbsent(seats.account(), _ -> new ArrayList<>());
        // The giver is above its new part until so many have ended. It may have been above its old part already.
        int tooMany = Math.max(0, seats.busy().size() - rest);
        for (int i = 1; i <= seats.part() - rest; i++) {
            all.add(i <= tooMany ? seats.busy().get(tooMany - i) : 0L);
        }
    }

    /** The homes that may have a part though nobody hears of them. */
    Set<String> absent() {
        Set<String> homes = new TreeSet<>();
        if (settled != null) {
            homes.addAll(settled.homes());
        }
        proposals.values().forEach(each -> homes.addAll(each.homes()));
        homes.removeAll(known.keySet());
        homes.removeAll(gone);
        return homes;
    }

    /** What an absent home may have at most. */
    private int bound(AccountId account, String home) {
        int bound = settled == null ? 0 : settled.part(account, home);
        for (Table each : proposals.values()) {
            bound = Math.max(bound, each.part(account, home));
        }
        return bound;
    }

    /**
     * The table that should hold, if it is not the one that does.
     *
     * @param limits of each account
     * @return null if nothing is to be done
     */
    @Nullable
    Table propose(Map<AccountId, Integer> limits) {
        if (open != null) {
            return open;
        }
        List<Row> rows = new ArrayList<>();
        limits.forEach((account, limit) -> rows.add(row(account, limit)));
        if (known.isEmpty() || holds(rows)) {
            return null;
        }
        number++;
        open = new Table(new Version(epoch, leader, number), rows);
        agreements.clear();
        return open;
    }

    private boolean holds(List<Row> rows) {
        return settled != null && proposals.isEmpty() && settled.rows().equals(rows)
                && known.values().stream().allMatch(settled.version()::equals);
    }

    private Row row(AccountId account, int limit) {
        Map<String, Integer> parts = new LinkedHashMap<>();
        int rest = limit;
        for (String home : absent()) {
            int bound = bound(account, home);
            if (bound > 0) {
                parts.put(home, bound);
                rest -= bound;
            }
        }
        rest = Math.max(0, rest);
        SortedSet<String> homes = new TreeSet<>(known.keySet());
        homes.removeAll(leaving);
        int remainder = rest % Math.max(1, homes.size());
        for (String home : homes) {
            parts.put(home, rest / homes.size() + (remainder > 0 ? 1 : 0));
            remainder--;
        }
        return new Row(account, limit, parts);
    }

    /** The highest version that the leader knows of this home. */
    Version basis(String home) {
        return known.getOrDefault(home, Version.NONE);
    }

    /** The proposal that this home has not agreed to; null if there is none. */
    @Nullable
    Table openFor(String home) {
        return open == null || !known.containsKey(home) || agreements.containsKey(home) ? null : open;
    }

    /**
     * A home has agreed.
     *
     * @param before its seats then
     */
    void agreed(String home, Version version, List<Seats> before) {
        if (open != null && open.version().equals(version) && known.containsKey(home)) {
            known.put(home, version);
            agreements.put(home, new Agreement(before));
        }
    }

    /** A settled table, and for how long the seats are busy that each home gets. */
    record Settled(Table table, Map<String, List<Seats>> gains) {
    }

    /** Settles the open proposal if every present home has agreed to it; otherwise null. */
    @Nullable
    Settled settle() {
        Table table = open;
        if (table == null || !agreements.keySet().containsAll(known.keySet())) {
            return null;
        }
        Map<String, List<Seats>> gains = new TreeMap<>();
        table.rows().forEach(row -> distribute(row).forEach(
                (home, seats) -> gains.computeIfAbsent(home, _ -> new ArrayList<>()).add(seats)));
        settled = table;
        proposals.clear();
        given.clear();
        open = null;
        return new Settled(table, gains);
    }

    /** Who gets more gets the seats that others give up, those first that are free first; of unknown ones the worst is assumed. */
    private Map<String, Seats> distribute(Row row) {
        AccountId account = row.account();
        collectGiven(row);
        List<Long> free = new ArrayList<>(given.getOrDefault(account, List.of()));
        free.addAll(Collections.nCopies(neverGiven(row), 0L));
        Collections.sort(free);
        Deque<Long> seats = new ArrayDeque<>(free);
        Map<String, Seats> gains = new TreeMap<>();
        agreements.forEach((home, agreement) -> {
            int gain = row.part(home) - agreement.part(account);
            List<Long> busy = new ArrayList<>();
            for (int i = 0; i < gain; i++) {
                Long rest = seats.poll();
                if (rest == null || rest > 0) {
                    busy.add(rest == null ? span : rest);
                }
            }
            if (gain > 0) {
                Collections.sort(busy);
                gains.put(home, new Seats(account, gain, busy));
            }
        });
        return gains;
    }

    /** The seats of a limit that nobody has had before. */
    private int neverGiven(Row row) {
        if (settled == null) {
            return proposals.isEmpty() ? row.limit() : 0;
        }
        int before = settled.limit(row.account());
        for (Table each : proposals.values()) {
            before = Math.max(before, each.limit(row.account()));
        }
        return Math.max(0, row.limit() - before);
    }
}
