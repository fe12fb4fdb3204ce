package dev.sidecar.proving;

import dev.sidecar.proving.Caller.Habit.Agents;
import dev.sidecar.proving.Caller.Habit.Arrivals;
import dev.sidecar.proving.Caller.Habit.Backlog;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Priority;
import java.util.List;

/** The demand of the clients during a trial. */
enum Demand {
    /** Requests of normal and of low class always wait, and high ones come now and then. */
    FULL,
    /** The same, for 90 s of every three minutes. */
    ON_OFF,
    /** Ten times the budget of low requests, and high ones now and then. */
    LOW_FLOOD,
    /** Three times the budget of normal requests, so that the queue is always full. */
    OVERFLOW,
    /** Three clients with weights 4, 2 and 1 in one class; requests of each always wait. */
    SHARES,
    /** In one class, one client has 200 requests waiting, one has ten agents, and one comes now and then. */
    NEIGHBOURS;

    private static final long HALF = 90_000_000_000L;
    private static final int NORMAL_BACKLOG = 20;
    private static final int LOW_BACKLOG = 5;
    private static final int CLIENT_BACKLOG = 20;
    private static final int FLOOD = 200;
    private static final int AGENTS = 10;

    boolean isOn(long now) {
        return this != ON_OFF || now / HALF % 2 == 0;
    }

    /** Whether it shows how clients share a class. */
    boolean isOfClients() {
        return this == SHARES || this == NEIGHBOURS;
    }

    /** Who sends requests, before a sidecar with this limit. */
    List<Caller> callers(int limitPerMinute) {
        Caller high = Caller.nowAndThen(ClientPolicy.ANONYMOUS, Priority.HIGH);
        return switch (this) {
            case FULL, ON_OFF -> List.of(high, Caller.anonymous(Priority.NORMAL, new Backlog(NORMAL_BACKLOG)),
                    Caller.anonymous(Priority.LOW, new Backlog(LOW_BACKLOG)));
            case LOW_FLOOD -> List.of(high, Caller.anonymous(Priority.LOW, new Arrivals(10.0 * limitPerMinute)));
            case OVERFLOW -> List.of(high, Caller.anonymous(Priority.NORMAL, new Arrivals(3.0 * limitPerMinute)));
            case SHARES -> List.of(withBacklog(4), withBacklog(2), withBacklog(1));
            case NEIGHBOURS -> List.of(
                    new Caller(new ClientPolicy("flood", 1), Priority.NORMAL, new Backlog(FLOOD)),
                    new Caller(new ClientPolicy("agents", 1), Priority.NORMAL, new Agents(AGENTS)),
                    Caller.nowAndThen(new ClientPolicy("rare", 1), Priority.NORMAL));
        };
    }

    private static Caller withBacklog(int weight) {
        return new Caller(new ClientPolicy("weight-" + weight, weight), Priority.NORMAL, new Backlog(CLIENT_BACKLOG));
    }

    String label() {
        return switch (this) {
            case FULL -> "full";
            case ON_OFF -> "on/off";
            case LOW_FLOOD -> "flood";
            case OVERFLOW -> "3 times";
            case SHARES -> "4:2:1";
            case NEIGHBOURS -> "neighbours";
        };
    }
}
