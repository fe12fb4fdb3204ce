package dev.sidecar.clients;

/** Who sends a request, as its key shows. */
public sealed interface Identity {

    /** A client of the file, or the anonymous one. */
    record Identified(Client client) implements Identity {
    }

    /** It has a key that is nobody's. */
    record UnknownKey() implements Identity {
    }

    /** It has no key, and anonymous callers are refused. */
    record NoKey() implements Identity {
    }
}
