package dev.sidecar.fleet;

/** Takes messages of this replica; they leave when the event that caused them is done. Not thread-safe. */
interface Outbox {

    /** To one home, which may be this replica's own. */
    void to(String home, Message message);

    /** To every replica, this one included. */
    void toAll(Message message);

    /** The number of the envelope in which the next message to this home goes. */
    long numberOfNext(String home);
}
