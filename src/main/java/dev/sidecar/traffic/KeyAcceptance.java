package dev.sidecar.traffic;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the provider accepts a key, by what it has answered to requests and to the probe {@code GET /v1/models}, both
 * made with that key. A 401 or 403 for one model proves nothing, since the key may lack only that model. The key counts
 * as refused when
 *
 * <ul> <li>the probe is answered 401 or 403; a 403 only while no request is served, since a key may be allowed to call
 * models and not to list them; <li>a request is refused and the probe is too; <li>requests for two models are refused,
 * and none is served between; <li>a request is answered 402: there is no credit, whatever the model. </ul>
 *
 * <p>A request that is served clears it. The probe clears it only where it was refused before: some providers list
 * their models to everybody, so that a 200 says nothing of the key.
 *
 * <p>Immutable; the methods return the next state.
 *
 * @param probeRefused whether the latest probe with a verdict was refused
 * @param served whether the latest request with a verdict was served
 * @param suspicion the first refusal since a request was served
 * @param refused the refusal that holds for all requests
 */
record KeyAcceptance(boolean probeRefused, boolean served, @Nullable KeyRefusal suspicion,
        @Nullable KeyRefusal refused) {

    static final KeyAcceptance NOTHING_KNOWN = new KeyAcceptance(false, false, null, null);

    private static final int NO_CREDIT = 402;
    private static final int FORBIDDEN = 403;
    private static final Set<Integer> REFUSALS = Set.of(401, NO_CREDIT, FORBIDDEN);

    /** Whether a status says something against the key. */
    static boolean isRefusal(int status) {
        return REFUSALS.contains(status);
    }

    /** A request that counts against the limit was answered below 400. */
    KeyAcceptance requestServed() {
        return served && suspicion == null && refused == null
                ? this
                : new KeyAcceptance(probeRefused, true, null, null);
    }

    /** @param model that the request asked for, null if it cannot be told */
    KeyAcceptance requestRefused(int status, @Nullable String model, Instant now) {
        if (refused != null) {
            return this;
        }
        var first = suspicion == null ? new KeyRefusal(status, model, now) : suspicion;
        var proven = status == NO_CREDIT || probeRefused || isOther(model, first);
        return new KeyAcceptance(probeRefused, false, first,
                proven ? new KeyRefusal(status, null, first.since()) : null);
    }

    private static boolean isOther(@Nullable String model, KeyRefusal first) {
        return model != null && first.model() != null && !model.equals(first.model());
    }

    KeyAcceptance probed(int status, Instant now) {
        if (status < 300) {
            return probeRefused ? new KeyAcceptance(false, served, null, null) : this;
        }
        if (!isRefusal(status)) {
            return this;
        }
        var listsNothing = served && (status == FORBIDDEN || probeRefused);
        var since = suspicion == null ? now : suspicion.since();
        var proof = refused == null && !listsNothing ? new KeyRefusal(status, null, since) : refused;
        return new KeyAcceptance(true, served, suspicion, proof);
    }
}
