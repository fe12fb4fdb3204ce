package dev.sidecar.throttle.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The waiting requests: three classes, each a {@link FairQueue} over its clients, and all deadlines. A request holds its
 * place from its admission, but is ready only with a payload, when it is due, while its model is not held, and while
 * its client is not held back. The others wait, but do not contend for the next slot. Every operation is O(log n) or
 * better in the number of requests. To hold or release a model or a client costs the same for any number of its
 * requests. Not thread-safe.
 */
final class WaitQueue<T> {

    private final TreeSet<Place<T>> deadlines = new TreeSet<>(Place::byDeadline);
    private final TreeSet<Place<T>> deferred = new TreeSet<>(Place::byDue);
    private final Set<String> held = new HashSet<>();
    /** When models were released for which a request has been ready since. */
    private final Map<String, Long> released = new HashMap<>();
    private final Set<String> heldBack = new HashSet<>();
    private final List<FairQueue<T>> classes = new ArrayList<>();
    /** Those that may not use the accounts that have a slot. */
    private final Set<Place<T>> putOff = new LinkedHashSet<>();
    /** The requests that stand in other lanes too, as parts of requests that those lanes serve. */
    private double servedElsewhere;

    WaitQueue() {
        for (int i = 0; i < Priority.values().length; i++) {
            classes.add(new FairQueue<>(held));
        }
    }

    int size() {
        return deadlines.size();
    }

    int waiting(Priority priority) {
        return of(priority).waiting();
    }

    /** How many requests wait in this class and above. */
    int waitingAtOrAbove(Priority priority) {
        return sumAtOrAbove(priority, FairQueue::waiting);
    }

    /** How many requests wait in this class and are not held back. */
    int contending(Priority priority) {
        return of(priority).contending();
    }

    /** How many requests wait in this class and above and are not held back. */
    int contendingAtOrAbove(Priority priority) {
        return sumAtOrAbove(priority, FairQueue::contending);
    }

    private int sumAtOrAbove(Priority priority, ToIntFunction<FairQueue<T>> count) {
        int sum = 0;
        for (int i = 0; i <= priority.rank(); i++) {
            sum += count.applyAsInt(classes.get(i));
        }
        return sum;
    }

    /** For each class, how many requests contend. */
    int[] contending() {
        return count(FairQueue::contending);
    }

    /**
     * For each class, how many requests wait for the budget now or after their back-off: all except those of a held
     * model or client.
     */
    int[] playing() {
        return count(FairQueue::playing);
    }

    private int[] count(ToIntFunction<FairQueue<T>> count) {
        int[] counts = new int[classes.size()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = count.applyAsInt(classes.get(i));
        }
        return counts;
    }

    /** The place of a newcomer of this client among the contending requests of its class, from 1. */
    int placeOf(Priority priority, ClientPolicy client) {
        return of(priority).placeOf(client);
    }

    /** The place in its class of a request that goes before all others of its client. */
    int placeAtHeadOf(Place<T> place) {
        return of(place.priority()).placeAtHeadOf(place);
    }

    /** The requests that back off, the next due one first; read only. */
    Iterator<Place<T>> byDue() {
        return deferred.iterator();
    }

    /** All places of a class, in the order of their turns; read only. */
    Iterator<Place<T>> everybody(Priority priority) {
        return of(priority).everybody();
    }

    /** The longest waiting request of a class, or null if none waits. */
    @Nullable
    Place<T> oldest(Priority priority) {
        return of(priority).oldest();
    }

    /** Whether it waits only because its model or its client is held. */
    boolean isHeld(Place<T> place) {
        FairQueue<T> queue = of(place.priority());
        return queue.isHeldBack(place) || queue.isParked(place);
    }

    /**
     * The request that makes room for a newcomer in a full queue: the youngest of the lowest class below it, otherwise
     * the youngest of a client of its class that has more requests for its weight. Null if nobody makes room.
     */
    @Nullable
    Place<T> displacedBy(Priority priority, ClientPolicy newcomer) {
        for (int i = classes.size() - 1; i > priority.rank(); i--) {
            Place<T> youngest = classes.get(i).youngest();
            if (youngest != null) {
                return youngest;
            }
        }
        return of(priority).youngestOfCrowd(newcomer);
    }

    boolean isReady(Priority priority) {
        return of(priority).isReady();
    }

    /** How many of so many waiting requests are left to this lane, if the others serve their part. */
    int part(int requests) {
        return servedElsewhere < 0.001 ? requests : (int) Math.ceil(requests * (1 - servedElsewhere / size()));
    }

    /** Takes its place among those of its client, by its number: a further attempt stands before all later requests. */
    void add(Place<T> place, long now) {
        deadlines.add(place);
        servedElsewhere += 1 - place.certainShare();
        if (place.dueNanos() - now > 0) {
            place.deferred = true;
            deferred.add(place);
        }
        of(place.priority()).add(place, isHeldBack(place.client().name()));
    }

    /** The request has its payload. */
    void makeReady(Place<T> place) {
        if (!place.deferred) {
            of(place.priority()).makeReady(place);
        }
    }

    /** Tickets that are due by now are no longer held back by their back-off. */
    void promote(long now) {
        for (Place<T> t = nearestDue(); t != null && t.dueNanos() - now <= 0; t = nearestDue()) {
            t.deferred = false;
            deferred.remove(t);
            of(t.priority()).due(t);
            if (t.isEnqueued()) {
                makeReady(t);
            }
        }
    }

    /** Leaves without a slot. */
    void remove(Place<T> place) {
        leaves(place);
        of(place.priority()).remove(place);
        place.deferred = false;
        forgetUnused(place.model());
    }

    /** The first request of this class leaves with a slot, which its client pays for. */
    Place<T> grant(Priority priority) {
        Place<T> place = of(priority).grant();
        leaves(place);
        forgetUnused(place.model());
        return place;
    }

    /** A ready request contends, but is not ready until {@link #bringBack}. */
    void putOff(Place<T> place) {
        of(place.priority()).putOff(place);
        putOff.add(place);
    }

    /** Those that were put off are ready again. */
    void bringBack() {
        bringBack(_ -> true);
    }

    private void bringBack(Predicate<Place<T>> which) {
        List<Place<T>> back = putOff.stream().filter(which).toList();
        back.forEach(putOff::remove);
        back.forEach(this::makeReady);
    }

    boolean hasPutOff() {
        return !putOff.isEmpty();
    }

    /** How many requests of this class contend and are not put off. */
    int inTurn(Priority priority) {
        int contending = contending(priority);
        return putOff.isEmpty()
                ? contending
                : contending - (int) putOff.stream().filter(each -> each.priority() == priority && !isHeld(each))
                        .count();
    }

    /** The same in this class and above. */
    int inTurnAtOrAbove(Priority priority) {
        if (putOff.isEmpty()) {
            return contendingAtOrAbove(priority);
        }
        int sum = 0;
        for (Priority each : Priority.values()) {
            sum += each.compareTo(priority) <= 0 ? inTurn(each) : 0;
        }
        return sum;
    }

    private void forgetUnused(@Nullable String model) {
        if (model != null && released.containsKey(model) && !held.contains(model) && readyOf(model) == 0) {
            released.remove(model);
        }
    }

    private void leaves(Place<T> place) {
        putOff.remove(place);
        deadlines.remove(place);
        servedElsewhere -= 1 - place.certainShare();
        if (place.deferred) {
            deferred.remove(place);
        }
    }

    /** Returns what the slot of this granted request has cost its client. */
    void refund(Place<T> place) {
        of(place.priority()).refund(place);
    }

    /** The ready request whose turn it is. */
    Place<T> first(Priority priority) {
        return of(priority).head();
    }

    /** Since when that request could have been granted if only the budget were free. */
    long readySince(Priority priority) {
        long since = of(priority).readySince();
        String model = first(priority).model();
        Long release = model == null ? null : released.get(model);
        return release != null && release - since > 0 ? release : since;
    }

    /** The request with the nearest deadline, or null if none waits. */
    @Nullable
    Place<T> nearestDeadline() {
        return deadlines.isEmpty() ? null : deadlines.getFirst();
    }

    /** The request that is due next, or null if none backs off. */
    @Nullable
    Place<T> nearestDue() {
        return deferred.isEmpty() ? null : deferred.getFirst();
    }

    /**
     * No request of this model is ready from now on, and none becomes ready.
     *
     * @return whether it was not held before
     */
    boolean hold(String model) {
        if (held.contains(model)) {
            return false;
        }
        bringBack(each -> model.equals(each.model())); // from now on they wait for their model
        held.add(model);
        classes.forEach(each -> each.hold(model));
        return true;
    }

    /**
     * Ends {@link #hold}.
     *
     * @return whether it was held
     */
    boolean release(String model, long now) {
        if (!held.remove(model)) {
            return false;
        }
        classes.forEach(each -> each.release(model));
        released.put(model, now);
        forgetUnused(model);
        return true;
    }

    /**
     * No request of this client is ready from now on, and none becomes ready.
     *
     * @return whether it was not held back before
     */
    boolean holdBack(String client) {
        if (!heldBack.add(client)) {
            return false;
        }
        classes.forEach(each -> each.holdBack(client));
        return true;
    }

    /**
     * Ends {@link #holdBack}.
     */
    void letGo(String client, long now) {
        heldBack.remove(client);
        classes.forEach(each -> each.letGo(client, now));
    }

    /** Whether its own limits hold this client back. */
    boolean isHeldBack(String client) {
        return !heldBack.isEmpty() && heldBack.contains(client);
    }

    /** Whether a request may wait for its model or its client, and not only for the budget. */
    boolean hasHeld() {
        return !held.isEmpty() || sumAtOrAbove(Priority.LOW, FairQueue::playing) < size();
    }

    /** New shares from each client's next turn on. */
    void weight(ClientPolicy client) {
        classes.forEach(each -> each.weight(client));
    }

    /** The models that are held. */
    List<String> held() {
        return List.copyOf(held);
    }

    /** How many requests of this model are ready, or would be if it were not held. */
    int readyOf(String model) {
        int sum = 0;
        for (FairQueue<T> each : classes) {
            sum += each.readyOf(model);
        }
        return sum;
    }

    /** Whether a request waits only because its model is held. */
    boolean hasParked() {
        return held.stream().anyMatch(model -> readyOf(model) > 0);
    }

    /** The next of the ready requests of this class, at most {@code most}. */
    List<Place<T>> firstReady(Priority priority, int most) {
        return first(of(priority).readyByTurn(), most);
    }

    /** The request whose back-off ends last, or null if none backs off. */
    @Nullable
    Place<T> latestDue() {
        return deferred.isEmpty() ? null : deferred.getLast();
    }

    /** The requests whose back-off ends next, at most {@code most}. */
    List<Place<T>> firstDeferred(int most) {
        return deferred.stream().limit(most).toList();
    }

    /** The next requests of held models, at most {@code most}. */
    List<Place<T>> firstParked(int most) {
        return held.stream().flatMap(model -> Arrays.stream(Priority.values())
                .flatMap(each -> first(of(each).byTurn(model), most).stream()))
                .sorted(Place::byArrival).limit(most).toList();
    }

    /** The first ready requests of clients that their own limits hold back, at most {@code most} of each class. */
    List<Place<T>> firstHeldBack(int most) {
        return heldBack.isEmpty()
                ? List.of()
                : classes.stream().flatMap(each -> first(each.heldBackByTurn(), most).stream()).toList();
    }

    private static <T> List<Place<T>> first(Iterator<Place<T>> places, int most) {
        List<Place<T>> first = new ArrayList<>();
        while (first.size() < most && places.hasNext()) {
            first.add(places.next());
        }
        return first;
    }

    private FairQueue<T> of(Priority priority) {
        return classes.get(priority.rank());
    }
}
