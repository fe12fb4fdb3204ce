package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.Slot;

/** Why a ticket left the queue. Every enqueued ticket leaves with exactly one verdict. */
public sealed interface Verdict {

    /** Its turn has come: send it, and end the slot. */
    record Granted(Slot slot) implements Verdict {
    }

    /** Its deadline has passed, the provider is failing, or the sidecar shuts down. */
    record Refused(Refusal refusal) implements Verdict {
    }

    /** Its client went away; it cost nothing. */
    record Abandoned() implements Verdict {
    }
}
