package dev.sidecar.fleet;

import dev.sidecar.fleet.Message.Beat;
import dev.sidecar.fleet.Message.Free;
import dev.sidecar.throttle.pool.AccountId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A replica as its leader knows it. Not thread-safe: part of the {@link Leader}. All times in nanoseconds.
 */
final class Member {

    final String home;
    final Map<Call, Flight> calls = new LinkedHashMap<>();
    private final Map<AccountId, Integer> parts = new HashMap<>();
    private final Map<AccountId, Free> free = new HashMap<>();
    private final Deque<Outstanding> outstanding = new ArrayDeque<>();
    private String replica = "";
    private Set<String> keys = Set.of();
    private List<Message.Limit> limits = List.of();
    private long beat;
    private long heardAt;
    private long freeAt;
    private int waiting;
    private int inFlight;
    private boolean led;

    /** A seat that the leader has used since what it knows of the home. */
    private record Outstanding(AccountId account, long number) {
    }

    Member(String home, long now) {
        this.home = home;
        this.heardAt = now;
        this.freeAt = now;
    }

    void beat(Beat message, long now) {
        if (message.number() <= beat) {
            return;
        }
        beat = message.number();
        heardAt = now;
        freeAt = now;
        waiting = message.waiting();
        inFlight = message.inFlight();
        free.clear();
        message.free().forEach(each -> free.put(each.account(), each));
        while (!outstanding.isEmpty() && outstanding.getFirst().number <= message.heard()) {
            outstanding.removeFirst();
        }
    }

    void hello(Message.Hello message, long now) {
        replica = message.replica();
        keys = message.keys();
        limits = message.limits();
        heardAt = now;
        freeAt = now;
        led = true;
        outstanding.clear();
        free.clear();
        parts.clear();
        message.seats().forEach(each -> {
            parts.put(each.account(), each.part());
            free.put(each.account(),
                    new Free(each.account(), Math.max(0, each.part() - each.busy().size()), List.of()));
        });
    }

    /** The fleet has this limit, whatever its settings were. */
    void limit(Message.Limit limit) {
        List<Message.Limit> all = new ArrayList<>(limits);
        all.removeIf(each -> each.account().equals(limit.account()));
        all.add(limit);
        limits = List.copyOf(all);
    }

    /** It must say hello again. */
    void lost() {
        led = false;
    }

    /** Its parts by a table that it has agreed to. */
    void agreedTo(Table table) {
        table.rows().forEach(each -> parts.merge(each.account(), each.part(home), Math::min));
    }

    /** Its parts by a settled table. */
    void settled(Table table) {
        parts.clear();
        table.rows().forEach(each -> parts.put(each.account(), each.part(home)));
    }

    /** A seat of it is used by the envelope of this number. */
    void uses(AccountId account, long number) {
        outstanding.addLast(new Outstanding(account, number));
    }

    /** How many seats it has free, as far as the leader knows. */
    int free(AccountId account, long now) {
        Free known = free.get(account);
        if (known == null) {
            return 0;
        }
        long elapsed = now - freeAt;
        int freed = (int) known.soon().stream().filter(each -> Timing.nanos(each) <= elapsed).count();
        int used = (int) outstanding.stream().filter(each -> each.account.equals(account)).count();
        return known.now() + freed - used;
    }

    int part(AccountId account) {
        return parts.getOrDefault(account, 0);
    }

    int allParts() {
        return parts.values().stream().mapToInt(each -> each).sum();
    }

    String replica() {
        return replica;
    }

    Set<String> keys() {
        return keys;
    }

    List<Message.Limit> limits() {
        return limits;
    }

    /** The number of its latest beat. */
    long beat() {
        return beat;
    }

    /** When it was heard of. */
    long heardAt() {
        return heardAt;
    }

    boolean isLed() {
        return led;
    }

    ReplicaFigures figures() {
        return new ReplicaFigures(replica, waiting, inFlight, allParts());
    }
}
