package dev.sidecar.throttle.order;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * The requests of several clients of one class, in the order of their tags, if no other request comes. For one use, and
 * only while the queues do not change. Each step is O(log of the number of clients). Not thread-safe.
 */
final class Turns<T> implements Iterator<Ticket<T>> {

    private final PriorityQueue<Turn<T>> turns = new PriorityQueue<>(Turn::inOrder);

    /**
     * @param start the tag of the client's first request
     * @param charge what that request costs its client
     * @param tickets the requests of the client, in order
     */
    void add(ClientQueue<T> queue, long start, long charge, Iterator<Ticket<T>> tickets) {
        if (tickets.hasNext()) {
            turns.add(new Turn<>(queue, start, charge, tickets.next(), tickets));
        }
    }

    @Override
    public boolean hasNext() {
        return !turns.isEmpty();
    }

    @Override
    public Ticket<T> next() {
        Turn<T> turn = turns.poll();
        if (turn == null) {
            throw new NoSuchElementException();
        }
        // What waits for its model costs its client nothing.
        boolean pays = !turn.queue.isParked(turn.ticket);
        add(turn.queue, pays ? turn.start + turn.charge : turn.start,
                pays ? FairQueue.UNIT / turn.queue.weight : turn.charge, turn.others);
        return turn.ticket;
    }

    private record Turn<T>(ClientQueue<T> queue, long start, long charge, Ticket<T> ticket,
            Iterator<Ticket<T>> others) {

        static int inOrder(Turn<?> a, Turn<?> b) {
            int order = Long.signum(a.start - b.start);
            return order != 0 ? order : Long.compare(a.ticket.number(), b.ticket.number());
        }
    }
}
