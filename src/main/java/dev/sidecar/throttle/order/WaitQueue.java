package dev.sidecar.throttle.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The waiting requests: three classes, each a {@link FairQueue} over its clients, and all deadlines. A ticket holds its
 * place from its admission, but is ready only with a payload, when it is due, while its model is not held, and while
 * its client is not held back. The others wait, but do not contend for the next slot. Every operation is O(log n) or
 * better in the number of requests. To hold or release a model or a client costs the same for any number of its
 * tickets. Not thread-safe.
 */
final class WaitQueue<T> {

    private final TreeSet<Ticket<T>> deadlines = new TreeSet<>(Ticket::byDeadline);
    private final TreeSet<Ticket<T>> deferred = new TreeSet<>(Ticket::byDue);
    private final Set<String> held = new HashSet<>();
    /** When models were released for which a ticket has been ready since. */
    private final Map<String, Long> released = new HashMap<>();
    private final Set<String> heldBack = new HashSet<>();
    private final List<FairQueue<T>> classes = new ArrayList<>();

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

    /** How many requests of this client wait, in all classes. */
    int waiting(String client) {
        int sum = 0;
        for (FairQueue<T> each : classes) {
            sum += each.waiting(client);
        }
        return sum;
    }

    /** How many tickets wait in this class and above. */
    int waitingAtOrAbove(Priority priority) {
        return sumAtOrAbove(priority, FairQueue::waiting);
    }

    /** How many tickets wait in this class and are not held back. */
    int contending(Priority priority) {
        return of(priority).contending();
    }

    /** How many tickets wait in this class and above and are not held back. */
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

    /** For each class, how many tickets contend. */
    int[] contending() {
        return count(FairQueue::contending);
    }

    /**
     * For each class, how many tickets wait for the budget now or after their back-off: all except those of a held
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

    /** The place of a newcomer of this client among the contending tickets of its class, from 1. */
    int placeOf(Priority priority, ClientPolicy client) {
        return of(priority).placeOf(client);
    }

    /** The place in its class of a ticket that goes before all others of its client. */
    int placeAtHeadOf(Ticket<T> ticket) {
        return of(ticket.priority()).placeAtHeadOf(ticket);
    }

    /** The tickets that back off, the next due one first; read only. */
    Iterator<Ticket<T>> byDue() {
        return deferred.iterator();
    }

    /** All tickets of a class, in the order of their turns; read only. */
    Iterator<Ticket<T>> everybody(Priority priority) {
        return of(priority).everybody();
    }

    /** The longest waiting ticket of a class, or null if none waits. */
    @Nullable
    Ticket<T> oldest(Priority priority) {
        return of(priority).oldest();
    }

    /** Whether it waits only because its model or its client is held. */
    boolean isHeld(Ticket<T> ticket) {
        FairQueue<T> queue = of(ticket.priority());
        return queue.isHeldBack(ticket) || queue.isParked(ticket);
    }

    /**
     * The ticket that makes room for a newcomer in a full queue: the youngest of the lowest class below it, otherwise
     * the youngest of a client of its class that has more tickets for its weight. Null if nobody makes room.
     */
    @Nullable
    Ticket<T> displacedBy(Priority priority, ClientPolicy newcomer) {
        for (int i = classes.size() - 1; i > priority.rank(); i--) {
            Ticket<T> youngest = classes.get(i).youngest();
            if (youngest != null) {
                return youngest;
            }
        }
        return of(priority).youngestOfCrowd(newcomer);
    }

    boolean isReady(Priority priority) {
        return of(priority).isReady();
    }

    /** Takes its place among those of its client, by its number: a further attempt stands before all later requests. */
    void add(Ticket<T> ticket, long now) {
        ticket.waits = true;
        deadlines.add(ticket);
        if (ticket.dueNanos() - now > 0) {
            ticket.deferred = true;
            deferred.add(ticket);
        }
        of(ticket.priority()).add(ticket, isHeldBack(ticket.client().name()));
    }

    /** The ticket has its payload. */
    void makeReady(Ticket<T> ticket) {
        if (!ticket.deferred) {
            of(ticket.priority()).makeReady(ticket);
        }
    }

    /** Tickets that are due by now are no longer held back by their back-off. */
    void promote(long now) {
        for (Ticket<T> t = nearestDue(); t != null && t.dueNanos() - now <= 0; t = nearestDue()) {
            t.deferred = false;
            deferred.remove(t);
            of(t.priority()).due(t);
            if (t.payload != null) {
                makeReady(t);
            }
        }
    }

    /** Leaves without a slot. */
    void remove(Ticket<T> ticket) {
        leaves(ticket);
        of(ticket.priority()).remove(ticket);
        ticket.deferred = false;
        forgetUnused(ticket.model());
    }

    /** The first ticket of this class leaves with a slot, which its client pays for. */
    Ticket<T> grant(Priority priority) {
        Ticket<T> ticket = of(priority).grant();
        leaves(ticket);
        forgetUnused(ticket.model());
        return ticket;
    }

    private void forgetUnused(@Nullable String model) {
        if (model != null && released.containsKey(model) && !held.contains(model) && readyOf(model) == 0) {
            released.remove(model);
        }
    }

    private void leaves(Ticket<T> ticket) {
        ticket.waits = false;
        deadlines.remove(ticket);
        if (ticket.deferred) {
            deferred.remove(ticket);
        }
    }

    /** Returns what the slot of this granted ticket has cost its client. */
    void refund(Ticket<T> ticket) {
        of(ticket.priority()).refund(ticket);
    }

    /** The ready ticket whose turn it is. */
    Ticket<T> first(Priority priority) {
        return of(priority).head();
    }

    /** Since when that ticket could have been granted if only the budget were free. */
    long readySince(Priority priority) {
        long since = of(priority).readySince();
        String model = first(priority).model();
        Long release = model == null ? null : released.get(model);
        return release != null && release - since > 0 ? release : since;
    }

    /** The ticket with the nearest deadline, or null if none waits. */
    @Nullable
    Ticket<T> nearestDeadline() {
        return deadlines.isEmpty() ? null : deadlines.getFirst();
    }

    /** The ticket that is due next, or null if none backs off. */
    @Nullable
    Ticket<T> nearestDue() {
        return deferred.isEmpty() ? null : deferred.getFirst();
    }

    /**
     * No ticket of this model is ready from now on, and none becomes ready.
     *
     * @return whether it was not held before
     */
    boolean hold(String model) {
        if (!held.add(model)) {
            return false;
        }
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
     * No ticket of this client is ready from now on, and none becomes ready.
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

    /** Whether a ticket may wait for its model or its client, and not only for the budget. */
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

    /** How many tickets of this model are ready, or would be if it were not held. */
    int readyOf(String model) {
        int sum = 0;
        for (FairQueue<T> each : classes) {
            sum += each.readyOf(model);
        }
        return sum;
    }

    /** Whether a ticket waits only because its model is held. */
    boolean hasParked() {
        return held.stream().anyMatch(model -> readyOf(model) > 0);
    }

    /** The next of the ready tickets of this class, at most {@code most}. */
    List<Ticket<T>> firstReady(Priority priority, int most) {
        return first(of(priority).readyByTurn(), most);
    }

    /** The ticket whose back-off ends last, or null if none backs off. */
    @Nullable
    Ticket<T> latestDue() {
        return deferred.isEmpty() ? null : deferred.getLast();
    }

    /** The tickets whose back-off ends next, at most {@code most}. */
    List<Ticket<T>> firstDeferred(int most) {
        return deferred.stream().limit(most).toList();
    }

    /** The next tickets of held models, at most {@code most}. */
    List<Ticket<T>> firstParked(int most) {
        return held.stream().flatMap(model -> Arrays.stream(Priority.values())
                .flatMap(each -> first(of(each).byTurn(model), most).stream()))
                .sorted(Ticket::byArrival).limit(most).toList();
    }

    /** The first ready tickets of clients that their own limits hold back, at most {@code most} of each class. */
    List<Ticket<T>> firstHeldBack(int most) {
        return heldBack.isEmpty()
                ? List.of()
                : classes.stream().flatMap(each -> first(each.heldBackByTurn(), most).stream()).toList();
    }

    private static <T> List<Ticket<T>> first(Iterator<Ticket<T>> tickets, int most) {
        List<Ticket<T>> first = new ArrayList<>();
        while (first.size() < most && tickets.hasNext()) {
            first.add(tickets.next());
        }
        return first;
    }

    private FairQueue<T> of(Priority priority) {
        return classes.get(priority.rank());
    }
}
