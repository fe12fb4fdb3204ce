package dev.sidecar.throttle.order;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * The requests of several clients of one class, in the order of their tags, if no other request comes. For one use, and
 * only while the queues do not change. Each step is O(log of the number of clients). Not thread-safe.
 */
final class Turns<T> implements Iterator<Place<T>> {

    private final PriorityQueue<Turn<T>> turns = new PriorityQueue<>(Turn::inOrder);

    /**
     * @param start the tag of the client's first request
     * @param charge what that request costs its client
     * @param places the requests of the client, in order
     */
    void add(ClientQueue<T> queue, long start, long charge, Iterator<Place<T>> places) {
        if (places.hasNext()) {
            turns.add(new Turn<>(queue, start, charge, places.next(), places));
        }
    }

    @Override
    public boolean hasNext() {
        return !turns.isEmpty();
    }

    @Override
    public Place<T> next() {
        Turn<T> turn = turns.poll();
        if (turn == null) {
            throw new NoSuchElementException();
        }
        // What waits for its model costs its client nothing.
        boolean pays = !turn.queue.isParked(turn.place);
        add(turn.queue, pays ? turn.start + turn.charge : turn.start,
                pays ? FairQueue.UNIT / turn.queue.weight : turn.charge, turn.others);
        return turn.place;
    }

    private record Turn<T>(ClientQueue<T> queue, long start, long charge, Place<T> place,
            Iterator<Place<T>> others) {

        static int inOrder(Turn<?> a, Turn<?> b) {
            int order = Long.signum(a.start - b.start);
            return order != 0 ? order : Long.compare(a.place.number(), b.place.number());
        }
    }
}
