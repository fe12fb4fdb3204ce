package dev.sidecar.fleet;

import dev.sidecar.throttle.pool.AccountId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is in the fleet, and what each may send, as its leader keeps it: it hears who is there, proposes tables and settles them.
 *
 * <p>
 * Not thread-safe: part of the {@link Leader}. All times in nanoseconds.
 */
final class Membership {

    private final LeadersQueue rules;
    private final Outbox outbox;
    private final Consumer<Tables> keep;
    private final Timing timing;
    private final Division division;
    private final Map<String, Member> members = new TreeMap<>();
    /** The homes whose sends this leader has counted. */
    private final Set<String> counted = new HashSet<>();
    /** When each absent home was heard of last. */
    private final Map<String, Long> absentSince = new TreeMap<>();
    private final Map<AccountId, Integer> limits = new LinkedHashMap<>();
    private boolean divides;
    private Version proposed = Version.NONE;

    /**
     * @param known what this replica and Redis know of the division of the limits
     * @param keep puts the tables where a later leader finds them, before what is sent after that
     */
    Membership(String leader, long epoch, List<Tables> known, LeadersQueue rules, Outbox outbox, Consumer<Tables> keep,
            Timing timing) {
        this.rules = rules;
        this.outbox = outbox;
        this.keep = keep;
        this.timing = timing;
        this.division = new Division(leader, epoch, timing.spanMillis());
        known.forEach(division::learn);
    }

    Collection<Member> all() {
        return members.values();
    }

    /** Null if this home is not led. */
    @Nullable
    Member led(String home) {
        Member member = members.get(home);
        return member != null && member.isLed() ? member : null;
    }

    /** The member of this home, which has just been heard of. */
    Member heardOf(String home, long now) {
        return members.computeIfAbsent(home, each -> new Member(each, now));
    }

    /**
     * This home is led from now on.
     *
     * @return for how long it may have sent what this leader has not counted
     */
    long join(Member member, Message.Hello hello, long now) {
        String home = member.home;
        long uncounted = counted.add(home) ? Long.MAX_VALUE : now - absentSince.getOrDefault(home, member.heardAt());
        absentSince.remove(home);
        member.hello(hello, now);
        division.joined(home, hello.tables());
        limitsChanged();
        return uncounted;
    }

    /** An operator has changed a limit at one replica: it is the fleet's. */
    void limitChanged(Message.Limit limit) {
        members.values().forEach(each -> each.limit(limit));
        limitsChanged();
    }

    /** Of the limits that the settings of all say, the lowest holds. */
    void limitsChanged() {
        limits.clear();
        rules.accounts().forEach(account -> members.values().stream().filter(Member::isLed)
                .flatMap(each -> each.limits().stream()).filter(each -> each.account().equals(account))
                .mapToInt(Message.Limit::requests).min().ifPresent(lowest -> limits.put(account, lowest)));
        divide();
    }

    /** This home is about to stop: it gives up its part by the next table, to which it agrees like all others. */
    void leaves(String home) {
        division.leaves(home);
        divide();
    }

    void agree(String home, Message.Agree message) {
        division.agreed(home, message.version(), message.before());
        Member member = led(home);
        Table open = division.propose(limits);
        if (member != null && open != null && open.version().equals(message.version())) {
            member.agreedTo(open);
        }
        settle();
        divide();
    }

    private void settle() {
        Division.Settled settled = division.settle();
        if (settled != null) {
            keep.accept(division.tables());
            for (String each : division.present()) {
                Member member = members.get(each);
                if (member != null) {
                    member.settled(settled.table());
                }
                outbox.to(each, new Message.Settle(settled.table().version(),
                        settled.gains().getOrDefault(each, List.of())));
            }
        }
    }

    /**
     * From now on limits are divided.
     *
     * @param absentBefore when homes were heard of last that the leader before has missed
     */
    void begin(Map<String, Long> absentBefore, long now) {
        divides = true;
        division.absent().forEach(each -> absentSince.put(each, absentBefore.getOrDefault(each, now)));
        keep.accept(division.tables());
        divide();
    }

    /** Proposes what should hold, to everybody who has not agreed yet. */
    private void divide() {
        Table open = divides ? division.propose(limits) : null;
        if (open != null && !open.version().equals(proposed)) {
            proposed = open.version();
            keep.accept(division.tables());
            propose();
        }
    }

    private void propose() {
        for (String each : division.present()) {
            Table open = division.openFor(each);
            if (open != null) {
                outbox.to(each, new Message.Propose(open, division.basis(each)));
            }
        }
    }

    /** Says again what may have been lost. */
    void repeat() {
        propose();
        if (divides) {
            keep.accept(division.tables());
        }
    }

    /** Whether nobody knows of any table. */
    boolean isNew() {
        return division.isNew();
    }

    /** Whether everybody is led who may have a part. */
    boolean isComplete() {
        return division.settled() != null && division.absent().isEmpty()
                && members.values().stream().allMatch(Member::isLed);
    }

    /** What those may send together who are led. */
    Map<AccountId, Integer> parts() {
        Map<AccountId, Integer> parts = new LinkedHashMap<>();
        for (AccountId account : rules.accounts()) {
            parts.put(account, members.values().stream().filter(Member::isLed).mapToInt(each -> each.part(account))
                    .sum());
        }
        return parts;
    }

    /** Homes that are not heard of are absent; after a long time their parts are free. Returns the former. */
    List<Member> silent(long now) {
        List<Member> silent = members.values().stream().filter(each -> now - each.heardAt() >= timing.absence())
                .toList();
        for (Member each : silent) {
            members.remove(each.home);
            if (division.isPresent(each.home)) {
                division.absent(each.home);
                absentSince.put(each.home, each.heardAt());
            }
        }
        List<String> gone = absentSince.entrySet().stream()
                .filter(each -> now - each.getValue() >= timing.forgotten()).map(Map.Entry::getKey).toList();
        gone.forEach(each -> {
            absentSince.remove(each);
            division.gone(each);
        });
        if (!silent.isEmpty() || !gone.isEmpty()) {
            limitsChanged();
        }
        return silent;
    }

    /** What the leader tells all about who is there. */
    Message.Leads seen(long epoch, String home, String name, long now) {
        Map<String, Long> beats = new TreeMap<>();
        Set<String> led = new TreeSet<>();
        List<ReplicaFigures> figures = new ArrayList<>();
        for (Member each : members.values()) {
            beats.put(each.home, each.beat());
            if (each.isLed()) {
                led.add(each.home);
                figures.add(each.figures());
            }
        }
        Map<String, Long> absent = new TreeMap<>();
        absentSince.forEach((each, since) -> absent.put(each, Timing.millis(now - since)));
        return new Message.Leads(epoch, home, name, beats, led, absent, figures);
    }

    /** Whose seat it is: the receiver's own if one is free, otherwise that of the home with the most free ones. */
    Member lender(Member receiver, AccountId account, long now) {
        int own = receiver.free(account, now);
        Member best = receiver;
        int most = receiver.part(account) > 0 ? own : Integer.MIN_VALUE;
        if (own <= 0) {
            for (Member each : members.values()) {
                if (each.isLed() && each.part(account) > 0 && each.free(account, now) > most) {
                    best = each;
                    most = each.free(account, now);
                }
            }
        }
        return best;
    }
}
