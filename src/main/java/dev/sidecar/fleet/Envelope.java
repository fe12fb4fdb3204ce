package dev.sidecar.fleet;

import java.util.List;

/**
 * Messages on their way. Immutable.
 *
 * @param version of the messages; a higher one is read as far as it is understood
 * @param from the sender's home
 * @param process of the sender: its numbers begin anew with each process of a home
 * @param epoch the highest of a lease that the sender knows
 * @param number counts the envelopes of this sender to this receiver, from 1; 0 for those to everybody
 * @param messages in order
 */
public record Envelope(int version, String from, long process, long epoch, long number, List<Message> messages) {

    static final int VERSION = 1;

    public Envelope {
        messages = List.copyOf(messages);
    }
}
