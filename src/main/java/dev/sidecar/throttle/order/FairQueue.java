package dev.sidecar.throttle.order;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One class of the queue. While they wait, its clients get slots in proportion to their weights, however many requests
 * each has: start-time fair queueing [1]. Inside a client it is first come, first served. Not thread-safe.
 *
 * <p>
 * Only the head of a client has a tag: start = max(virtual time, the client's finish). The smallest start goes first,
 * then the oldest request. A grant sets the client's finish to start + 1/weight, and the virtual time to the start. A
 * class without a ready request takes the largest finish as its virtual time. So nobody saves up what it did not use,
 * and a request that leaves without a grant costs nothing.
 *
 * <p>
 * Virtual time is counted in parts of a grant at weight 1. Differences of it are right when the number wraps, which
 * takes two thousand million grants in one busy period.
 *
 * <p>
 * [1] P. Goyal, H. Vin, H. Cheng: Start-time Fair Queueing, SIGCOMM 1996.
 */
final class FairQueue<T> {

    /** What a grant costs a client of weight 1: divisible by all weights up to 22, and by many others. */
    static final long UNIT = 3_724_680_960L;
    /** So many clients are remembered in any case; more of them only while they matter. */
    private static final int FEW = 64;

    private final Set<String> fullModels;
    /** The clients with a waiting request, and those whose finish is still ahead of the virtual time. */
    private final Map<String, ClientQueue<T>> clients = new HashMap<>();
    /** The clients whose head can be granted now. */
    private final TreeSet<ClientQueue<T>> ready = new TreeSet<>(FairQueue::byTurn);
    private int forgetAt = FEW;
    private long virtualTime;
    private long largestFinish;
    private int waiting;
    private int contending;
    private int playing;

    FairQueue(Set<String> fullModels) {
        this.fullModels = fullModels;
    }

    int waiting() {
        return waiting;
    }

    /** How many requests contend for the next slot. */
    int contending() {
        return contending;
    }

    /** How many requests wait for the budget now or after their back-off. */
    int playing() {
        return playing;
    }

    boolean isReady() {
        return !ready.isEmpty();
    }

    /** The request that goes next. */
    Place<T> head() {
        return ready.getFirst().head();
    }

    /** Since when that request could have been granted if only the budget and its model were free. */
    long readySince() {
        return ready.getFirst().readySince();
    }

    /** How many requests this client has in the queue. */
    int waiting(String client) {
        ClientQueue<T> queue = clients.get(client);
        return queue == null ? 0 : queue.size();
    }

    void add(Place<T> place, boolean heldBack) {
        ClientQueue<T> queue = clients.get(place.client().name());
        if (queue == null) {
            forgetOthers();
            queue = new ClientQueue<>(place.client().name(), place.client().weight(), fullModels, heldBack);
            queue.finish = virtualTime;
            clients.put(queue.name(), queue);
        }
        if (place.isFirstAttempt()) { // a further attempt may still have an older weight
            queue.weight = place.client().weight();
        }
        count(queue, -1);
        queue.add(place); // it is not ready yet
        count(queue, 1);
    }

    void makeReady(Place<T> place) {
        ClientQueue<T> queue = of(place);
        boolean wasReady = takeOut(queue);
        queue.makeReady(place);
        putBack(queue, wasReady);
    }

    /** This request contends, but is not ready until {@link #makeReady}. */
    void putOff(Place<T> place) {
        ClientQueue<T> queue = of(place);
        boolean wasReady = takeOut(queue);
        queue.putOff(place);
        putBack(queue, wasReady);
    }

    /** The back-off of this request has ended. */
    void due(Place<T> place) {
        ClientQueue<T> queue = of(place);
        count(queue, -1);
        queue.due();
        count(queue, 1);
    }

    void remove(Place<T> place) {
        ClientQueue<T> queue = of(place);
        boolean wasReady = takeOut(queue);
        queue.remove(place);
        putBack(queue, wasReady);
        if (queue.isEmpty() && queue.finish - virtualTime <= 0) {
            clients.remove(queue.name());
        }
    }

    /** The head gets a slot: it leaves the queue, and its client pays. */
    Place<T> grant() {
        ClientQueue<T> queue = ready.getFirst();
        Place<T> place = queue.head();
        place.charge = queue.charge;
        boolean wasReady = takeOut(queue);
        virtualTime = later(virtualTime, queue.start);
        queue.finish = queue.start + queue.charge;
        largestFinish = later(largestFinish, queue.finish);
        queue.remove(place);
        queue.start = queue.finish;
        queue.charge = UNIT / queue.weight;
        putBack(queue, wasReady);
        return place;
    }

    /** Returns what this granted request has cost its client: the provider refused it, or it was never sent. */
    void refund(Place<T> place) {
        ClientQueue<T> queue = clients.get(place.client().name());
        long charge = place.charge;
        place.charge = 0;
        if (queue != null) {
            boolean wasReady = takeOut(queue);
            queue.finish -= charge;
            queue.start = later(virtualTime, queue.start - charge);
            putBack(queue, wasReady);
        }
    }

    /** A new weight for a client, from its next head on. */
    void weight(ClientPolicy client) {
        ClientQueue<T> queue = clients.get(client.name());
        if (queue != null) {
            queue.weight = client.weight();
        }
    }

    void hold(String model) {
        for (ClientQueue<T> each : clients.values()) {
            if (each.readyOf(model) > 0) {
                boolean wasReady = takeOut(each);
                each.hold(model);
                putBack(each, wasReady);
            }
        }
    }

    void release(String model) {
        for (ClientQueue<T> each : clients.values()) {
            if (each.readyOf(model) > 0) {
                boolean wasReady = takeOut(each);
                each.release(model);
                putBack(each, wasReady);
            }
        }
    }

    void holdBack(String client) {
        ClientQueue<T> queue = clients.get(client);
        if (queue != null) {
            boolean wasReady = takeOut(queue);
            queue.holdBack();
            putBack(queue, wasReady);
        }
    }

    void letGo(String client, long now) {
        ClientQueue<T> queue = clients.get(client);
        if (queue != null) {
            boolean wasReady = takeOut(queue);
            queue.letGo(now);
            putBack(queue, wasReady);
        }
    }

    boolean isParked(Place<T> place) {
        return of(place).isParked(place);
    }

    /** Whether its client's own limit holds it back. */
    boolean isHeldBack(Place<T> place) {
        return of(place).isHeldBack();
    }

    int readyOf(String model) {
        int sum = 0;
        for (ClientQueue<T> each : clients.values()) {
            sum += each.readyOf(model);
        }
        return sum;
    }

    /** The place of a newcomer of this client among the contending requests, from 1. */
    int placeOf(ClientPolicy client) {
        return placeOf(client, 0, false);
    }

    /** The place of a request that goes before all others of its client. */
    int placeAtHeadOf(Place<T> place) {
        return placeOf(place.client(), place.number(), true);
    }

    private int placeOf(ClientPolicy client, long number, boolean atHead) {
        ClientQueue<T> own = clients.get(client.name());
        int before = own == null || atHead ? 0 : own.isHeldBack() ? own.size() : own.contending();
        if (before + 1 > contending) {
            return contending + 1; // nobody else
        }
        long tag = own == null ? virtualTime : tagBehind(own, before);
        int place = before + 1;
        for (ClientQueue<T> other : clients.values()) {
            if (other != own && other.contending() > 0) {
                place += before(tag, other, number, atHead);
            }
        }
        return place;
    }

    /** The tag of a request with so many of its client before it. */
    private long tagBehind(ClientQueue<T> own, int before) {
        return before == 0
                ? startOf(own)
                : startOf(own) + chargeOf(own) + (before - 1) * (UNIT / own.weight);
    }

    /** How many requests of another client go before a request with this tag. */
    private int before(long tag, ClientQueue<T> other, long number, boolean atHead) {
        long ahead = tag - startOf(other);
        if (ahead < 0 || ahead == 0 && atHead && other.isReady() && other.head().number() > number) {
            return 0;
        }
        long first = chargeOf(other);
        long more = ahead < first ? 0 : 1 + (ahead - first) / (UNIT / other.weight);
        return (int) Math.min(other.contending(), 1 + more);
    }

    private long startOf(ClientQueue<T> queue) {
        return queue.isReady() ? queue.start : later(virtualTime, queue.finish);
    }

    private long chargeOf(ClientQueue<T> queue) {
        return queue.isReady() ? queue.charge : UNIT / queue.weight;
    }

    /** The longest waiting request, or null if none waits. */
    @Nullable
    Place<T> oldest() {
        return clients.values().stream().map(ClientQueue::oldest).filter(Objects::nonNull).min(Place::byArrival)
                .orElse(null);
    }

    /** The latest request, or null if none waits. */
    @Nullable
    Place<T> youngest() {
        return clients.values().stream().map(ClientQueue::youngest).filter(Objects::nonNull).max(Place::byArrival)
                .orElse(null);
    }

    /**
     * The youngest request of the client with most waiting for its weight, if a newcomer of this client would still
     * have fewer for its own; otherwise null.
     */
    @Nullable
    Place<T> youngestOfCrowd(ClientPolicy newcomer) {
        ClientQueue<T> most = null;
        for (ClientQueue<T> each : clients.values()) {
            if (!each.name().equals(newcomer.name()) && (most == null || perWeight(each, most) > 0)) {
                most = each;
            }
        }
        return most != null
                && (long) most.size() * newcomer.weight() > (waiting(newcomer.name()) + 1L) * most.weight
                        ? most.youngest()
                        : null;
    }

    private static int perWeight(ClientQueue<?> a, ClientQueue<?> b) {
        return Long.compare((long) a.size() * b.weight, (long) b.size() * a.weight);
    }

    /** All requests, in the order of their turns if no other comes; those that are held back stand where they would go. */
    Iterator<Place<T>> everybody() {
        return inOrder(ClientQueue::byArrival);
    }

    /** The requests for this model that would be ready, in the order of their turns. */
    Iterator<Place<T>> byTurn(String model) {
        return inOrder(queue -> queue.byArrival(model));
    }

    /** The ready requests, in the order of their turns. */
    Iterator<Place<T>> readyByTurn() {
        return inOrder(queue -> queue.isReady() ? queue.readyByArrival() : null);
    }

    /** The requests that would be ready if their client's own limit did not hold them back. */
    Iterator<Place<T>> heldBackByTurn() {
        return inOrder(queue -> queue.isHeldBack() ? queue.readyByArrival() : null);
    }

    private Iterator<Place<T>> inOrder(Function<ClientQueue<T>, @Nullable Iterator<Place<T>>> places) {
        Turns<T> turns = new Turns<>();
        for (ClientQueue<T> each : clients.values()) {
            Iterator<Place<T>> own = places.apply(each);
            if (own != null) {
                turns.add(each, startOf(each), chargeOf(each), own);
            }
        }
        return turns;
    }

    private ClientQueue<T> of(Place<T> place) {
        return Objects.requireNonNull(clients.get(place.client().name()), "a place without a place");
    }

    /**
     * Takes a client's queue out of counts and order; call it before every change of the queue.
     *
     * @return whether it was ready
     */
    private boolean takeOut(ClientQueue<T> queue) {
        count(queue, -1);
        return queue.isReady() && ready.remove(queue);
    }

    /** Undoes {@link #takeOut}; call it after every change of the queue. */
    private void putBack(ClientQueue<T> queue, boolean wasReady) {
        count(queue, 1);
        if (queue.isReady()) {
            if (!wasReady) {
                queue.start = later(virtualTime, queue.finish);
                queue.charge = UNIT / queue.weight;
            }
            ready.add(queue);
        } else if (wasReady && ready.isEmpty()) {
            virtualTime = later(virtualTime, largestFinish);
        }
    }

    private void count(ClientQueue<T> queue, int sign) {
        waiting += sign * queue.size();
        contending += sign * queue.contending();
        playing += sign * queue.playing();
    }

    /** Bounds the memory: a client that does not wait, and whose finish has passed, comes back as if it were new. */
    private void forgetOthers() {
        if (clients.size() >= forgetAt) {
            clients.values().removeIf(each -> each.isEmpty() && each.finish - virtualTime <= 0);
            forgetAt = Math.max(FEW, 2 * clients.size());
        }
    }

    private static long later(long a, long b) {
        return a - b >= 0 ? a : b;
    }

    private static int byTurn(ClientQueue<?> a, ClientQueue<?> b) {
        int order = Long.signum(a.start - b.start);
        return order != 0 ? order : Long.compare(a.head().number(), b.head().number());
    }
}
