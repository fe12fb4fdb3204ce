package dev.sidecar.throttle.budget;

/** How the rate relates to the operator's limit. */
public enum RetreatState {
    /** The operator's limit is in force. */
    NORMAL,
    /** The provider refuses: the rate is cut, and no window without refusals has passed since. */
    RETREAT,
    /** The rate is on its way back up, or stays just below a learned limit and probes it now and then. */
    RECOVER
}
