package dev.sidecar.ops;

import dev.sidecar.throttle.order.KeyFigures;
import dev.sidecar.traffic.KeyRefusal;
import dev.sidecar.traffic.UpstreamEvidence;
import java.util.Optional;

/**
 * A key at this moment: what the throttle counts, and what the provider's responses show.
 *
 * @param circuitOpen whether its provider is sent nothing
 */
record KeyState(KeyFigures figures, UpstreamEvidence evidence, boolean circuitOpen) {

    /** What keeps it from paying, the worst first. */
    KeyFigures.State state() {
        if (evidence.keyRefused().isPresent()) {
            return KeyFigures.State.REFUSED;
        }
        if (circuitOpen) {
            return KeyFigures.State.CIRCUIT_OPEN;
        }
        return figures.retreat().paused().isPositive() ? KeyFigures.State.PAUSED : KeyFigures.State.OK;
    }

    /** The first refusal since the last success, of the key or of one model. */
    Optional<KeyRefusal> refusal() {
        return evidence.keyRefused().or(evidence::modelRefused);
    }
}
