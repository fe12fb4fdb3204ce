package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.quota.ClientQuota.Hold;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lanes, in the order in which they are asked for a slot, and where each request stands: in every lane that may serve
 * it and has a key that it may use. In a later lane it contends only after that lane's {@code fallback-after}, or at once
 * while every lane before is blocked. Not thread-safe: part of its {@link QueueScheduler}. All times in nanoseconds.
 */
final class Lanes<T> implements Iterable<Lane<T>> {

    private final OwnLimits limits;
    private final int[] waiting = new int[Priority.values().length];
    private final Map<String, Integer> waitingOfClient = new HashMap<>();
    private List<Lane<T>> lanes;
    private int size;
    /** Whether each lane is blocked, and for each pair, whether the later one need not wait for the earlier one. */
    private List<Boolean> blocked = List.of();

    /** @param lanes at least one */
    Lanes(List<Lane<T>> lanes, OwnLimits limits) {
        this.lanes = List.copyOf(lanes);
        this.limits = limits;
    }

    @Override
    public Iterator<Lane<T>> iterator() {
        return lanes.iterator();
    }

    Lane<T> first() {
        return lanes.getFirst();
    }

    boolean isSingle() {
        return lanes.size() == 1;
    }

    /** The lane of this provider, null if there is none. */
    @Nullable
    Lane<T> of(String provider) {
        return lanes.stream().filter(each -> each.provider.equals(provider)).findFirst().orElse(null);
    }

    /** Other lanes take over; the waiting requests keep their place in the order. */
    void replace(List<Lane<T>> others, long now) {
        List<Ticket<T>> tickets = everybody();
        tickets.forEach(this::takeOut);
        lanes = List.copyOf(others);
        for (Lane<T> lane : lanes) {
            limits.names().stream().filter(each -> limits.hold(each, now) != Hold.NONE)
                    .forEach(lane.contenders::holdBack);
            lane.contenders.holdFull();
        }
        blocked = blocked(now);
        for (Ticket<T> each : tickets) {
            List<Place<T>> places = placesOf(each, now);
            enter(places, now);
            add(each, places, now);
        }
    }

    /** The waiting requests that no lane serves. */
    List<Ticket<T>> unserved() {
        return everybody().stream().filter(ticket -> lanes.stream()
                .allMatch(lane -> ticket.serving().by(lane.provider, ticket.model()) == null)).toList();
    }

    /** The lane in force of the provider of this one. */
    Lane<T> inForce(Lane<T> lane) {
        Lane<T> current = of(lane.provider);
        return current == null ? lane : current;
    }

    /** Lets time pass, for budgets and waiting requests; returns the nanoseconds for which no budget changes by itself. */
    long at(long now) {
        long unchanged = SlidingWindow.NEVER;
        for (Lane<T> each : lanes) {
            unchanged = Math.min(unchanged, each.pool.at(now));
        }
        for (Lane<T> each : lanes) {
            each.contenders.settleModels(now);
        }
        limits.ended(now).forEach(client -> updateClient(client, now));
        for (Lane<T> each : lanes) {
            each.contenders.settleDue(now);
        }
        if (!isSingle() && !blocked(now).equals(blocked)) {
            rearrange(now);
        }
        return unchanged;
    }

    private List<Boolean> blocked(long now) {
        List<Boolean> all = new ArrayList<>();
        lanes.forEach(each -> all.add(each.isBlockedFor(0, now)));
        for (int later = 1; later < lanes.size(); later++) {
            for (int earlier = 0; earlier < later; earlier++) {
                all.add(lanes.get(earlier).isBlockedFor(lanes.get(later).fallbackAfter(), now));
            }
        }
        return all;
    }

    /** Keys, circuits or pauses have changed where requests may stand. */
    void rearrange(long now) {
        blocked = blocked(now);
        for (Ticket<T> ticket : everybody()) {
            List<Place<T>> places = placesOf(ticket, now);
            if (!areAlike(places, ticket.places)) {
                takeOut(ticket);
                enter(places, now);
                add(ticket, places, now);
            }
        }
    }

    private boolean areAlike(List<Place<T>> some, List<Place<T>> others) {
        if (some.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < some.size(); i++) {
            if (!some.get(i).isLike(others.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** All waiting requests. */
    List<Ticket<T>> everybody() {
        List<Ticket<T>> tickets = new ArrayList<>();
        for (Lane<T> lane : lanes) {
            for (Priority each : Priority.values()) {
                for (Iterator<Place<T>> places = lane.queue.everybody(each); places.hasNext();) {
                    Place<T> place = places.next();
                    if (place.equals(place.ticket.places.getFirst())) {
                        tickets.add(place.ticket);
                    }
                }
            }
        }
        return tickets;
    }

    /** The places of a request, as things stand; at least one. */
    List<Place<T>> placesOf(Ticket<T> ticket, long now) {
        if (isSingle()) {
            Lane<T> only = first();
            Serving.At at = ticket.serving().by(only.provider, ticket.model());
            String model = at == null ? ticket.model() : at.model();
            return List.of(new Place<>(ticket, only, model, 1, 1,
                    !only.pool.keys().hasKeyFor(Lane.user(ticket, model), now), ticket.dueAt(only.provider)));
        }
        List<Lane<T>> serving = new ArrayList<>();
        List<@Nullable String> models = new ArrayList<>();
        int all = 0;
        for (Lane<T> lane : ticket.serving().primaryOnly() ? lanes.subList(0, 1) : lanes) {
            Serving.At at = ticket.serving().by(lane.provider, ticket.model());
            if (at != null && lane.pool.keys().hasKeyFor(Lane.user(ticket, at.model()), now)) {
                serving.add(lane);
                models.add(at.model());
                all += lane.pool.limit();
            }
        }
        if (serving.isEmpty()) {
            return List.of(lastResort(ticket));
        }
        boolean shared = serving.stream().allMatch(each -> each.fallbackAfter() == 0 && !each.isBlockedFor(0, now));
        List<Place<T>> places = new ArrayList<>();
        for (int i = 0; i < serving.size(); i++) {
            Lane<T> lane = serving.get(i);
            double share = (double) lane.pool.limit() / all;
            places.add(new Place<>(ticket, lane, models.get(i), share, shared ? share : 1, false,
                    due(ticket, lane, serving.subList(0, i), now)));
        }
        return List.copyOf(places);
    }

    /** The first lane that serves it, whose primary key will tell the client what the provider says about it. */
    private Place<T> lastResort(Ticket<T> ticket) {
        for (Lane<T> lane : lanes) {
            Serving.At at = ticket.serving().by(lane.provider, ticket.model());
            if (at != null) {
                return new Place<>(ticket, lane, at.model(), 1, 1, true, ticket.dueAt(lane.provider));
            }
        }
        return new Place<>(ticket, first(), ticket.model(), 1, 1, true, ticket.dueNanos());
    }

    private long due(Ticket<T> ticket, Lane<T> lane, List<Lane<T>> before, long now) {
        long due = ticket.dueAt(lane.provider);
        long fallback = ticket.arrivalNanos() + lane.fallbackAfter();
        boolean atOnce = before.stream().allMatch(each -> each.isBlockedFor(lane.fallbackAfter(), now)
                || ticket.dueAt(each.provider) - now > lane.fallbackAfter());
        return atOnce || fallback - due <= 0 ? due : fallback;
    }

    /** A request is about to take these places: it may begin a busy period. */
    void enter(List<Place<T>> places, long now) {
        places.forEach(each -> each.lane.contenders.enters(each, now));
    }

    /** The request takes these places. */
    void add(Ticket<T> ticket, List<Place<T>> places, long now) {
        ticket.places = places;
        size++;
        waiting[ticket.priority().rank()]++;
        waitingOfClient.merge(ticket.client().name(), 1, Integer::sum);
        for (Place<T> each : places) {
            each.lane.queue.add(each, now);
            if (ticket.payload != null) {
                each.lane.queue.makeReady(each);
            }
        }
    }

    /** The ticket has its payload. */
    void makeReady(Ticket<T> ticket) {
        ticket.places.forEach(each -> each.lane.queue.makeReady(each));
    }

    /** Leaves without a slot. */
    void takeOut(Ticket<T> ticket) {
        for (Place<T> each : ticket.places) {
            each.lane.queue.remove(each);
            each.lane.forgetCredit(ticket.priority());
        }
        leaves(ticket);
    }

    private void leaves(Ticket<T> ticket) {
        ticket.places = List.of();
        size--;
        waiting[ticket.priority().rank()]--;
        waitingOfClient.computeIfPresent(ticket.client().name(), (_, count) -> count == 1 ? null : count - 1);
    }

    /** The first request of this class in this lane leaves all lanes; its client pays in this one. */
    Place<T> grant(Lane<T> lane, Priority priority) {
        Place<T> granted = lane.queue.grant(priority);
        lane.forgetCredit(priority);
        for (Place<T> each : granted.ticket.places) {
            if (!each.equals(granted)) {
                each.lane.queue.remove(each);
                each.lane.forgetCredit(priority);
            }
        }
        leaves(granted.ticket);
        return granted;
    }

    /** The number of waiting requests. */
    int size() {
        return size;
    }

    int waiting(Priority priority) {
        return waiting[priority.rank()];
    }

    int waiting(String client) {
        return waitingOfClient.getOrDefault(client, 0);
    }

    /** The request with the nearest deadline, or null if none waits. */
    @Nullable
    Ticket<T> nearestDeadline() {
        Place<T> nearest = null;
        for (Lane<T> lane : lanes) {
            Place<T> first = lane.queue.nearestDeadline();
            if (first != null && (nearest == null || Place.byDeadline(first, nearest) < 0)) {
                nearest = first;
            }
        }
        return nearest == null ? null : nearest.ticket;
    }

    /** The requests that no lane can serve in time even in the best case, with the earliest start in nanoseconds from now. */
    Map<Ticket<T>, Long> hopeless(long now) {
        List<Deadlines.Start<T>> all = new ArrayList<>(0);
        lanes.forEach(lane -> all.addAll(lane.deadlines.hopeless(now)));
        if (all.isEmpty()) { // the usual case, at every grant
            return Map.of();
        }
        Map<Ticket<T>, List<Long>> starts = new LinkedHashMap<>();
        all.forEach(each -> starts.computeIfAbsent(each.place().ticket, _ -> new ArrayList<>()).add(each.nanos()));
        Map<Ticket<T>, Long> hopeless = new LinkedHashMap<>();
        starts.forEach((ticket, each) -> {
            if (each.size() == ticket.places.size()) {
                hopeless.put(ticket, Collections.min(each));
            }
        });
        return hopeless;
    }

    /** The longest waiting request of a class, or null if none waits. */
    @Nullable
    Ticket<T> oldest(Priority priority) {
        Place<T> oldest = null;
        for (Lane<T> lane : lanes) {
            Place<T> first = lane.queue.oldest(priority);
            if (first != null && (oldest == null || Place.byArrival(first, oldest) < 0)) {
                oldest = first;
            }
        }
        return oldest == null ? null : oldest.ticket;
    }

    /** The request that makes room for a newcomer in a full queue, as in {@link WaitQueue#displacedBy}; null if none does. */
    @Nullable
    Ticket<T> displacedBy(Priority priority, ClientPolicy newcomer) {
        Place<T> lowest = null;
        for (Lane<T> lane : lanes) {
            Place<T> each = lane.queue.displacedBy(priority, newcomer);
            if (each != null && (lowest == null || each.priority().rank() > lowest.priority().rank()
                    || each.priority() == lowest.priority() && Place.byArrival(each, lowest) > 0)) {
                lowest = each;
            }
        }
        return lowest == null ? null : lowest.ticket;
    }

    /** The own limits of this client, or what it has used of them, have changed. */
    void updateClient(String client, long now) {
        boolean held = limits.hold(client, now) != Hold.NONE;
        for (Lane<T> each : lanes) {
            if (held) {
                each.contenders.holdBack(client);
            } else {
                each.contenders.letGo(client, now);
            }
        }
    }

    /** New shares from each client's next turn on. */
    void weight(ClientPolicy client) {
        lanes.forEach(each -> each.queue.weight(client));
    }
}
