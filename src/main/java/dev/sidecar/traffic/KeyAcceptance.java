package dev.sidecar.traffic;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the provider accepts a key, judged by its responses to requests and to the probe {@code GET /v1/models}, both
 * with that key. A 401 or 403 for one client and model proves nothing: the key may lack only that
 * model, or the client may have sent a field that does not fit the key. The key counts as
 * refused when
 *
 * <ul>
 * <li>the probe gets a 401 or 403; a 403 counts only while no request is served, because a key may call models but not
 * list them;
 * <li>a request is refused, and the probe is refused too;
 * <li>requests for two models or of two clients are refused, and none is served in between;
 * <li>a request gets a 402: there is no credit, whatever the model.
 * </ul>
 *
 * <p>A served request clears it. A successful probe clears it only after a refused probe: some providers list their
 * models without a valid key, so a 200 proves nothing.
 *
 * <p>Immutable; the methods return the next state.
 *
 * @param probe the status of the latest conclusive probe; 200 before the first
 * @param served whether the latest conclusive request was served
 * @param suspicion the first refusal since a request was served
 * @param suspect the client that got it
 * @param refused the refusal that holds for all requests
 */
record KeyAcceptance(int probe, boolean served, @Nullable KeyRefusal suspicion, @Nullable String suspect,
        @Nullable KeyRefusal refused) {

    private static final int OK = 200;

    static final KeyAcceptance NOTHING_KNOWN = new KeyAcceptance(OK, false, null, null, null);

    private static final int NO_CREDIT = 402;
    private static final int FORBIDDEN = 403;
    private static final Set<Integer> REFUSALS = Set.of(401, NO_CREDIT, FORBIDDEN);

    /** Whether a status is evidence against the key. */
    static boolean isRefusal(int status) {
        return REFUSALS.contains(status);
    }

    /** Whether the probe was refused, and not just the listing of models. */
    boolean isInvalid() {
        return isRefusal(probe) && probe != FORBIDDEN;
    }

    /** A request that counts against the limit got a response below 400. */
    KeyAcceptance requestServed() {
        return served && suspicion == null && refused == null
                ? this
                : new KeyAcceptance(probe, true, null, null, null);
    }

    /**
     * @param model the requested model, null if unknown
     * @param client the name of the client
     */
    KeyAcceptance requestRefused(int status, @Nullable String model, String client, Instant now) {
        if (refused != null) {
            return this;
        }
        var first = suspicion == null ? new KeyRefusal(status, model, now) : suspicion;
        var firstClient = suspicion == null ? client : suspect;
        var proven = status == NO_CREDIT || isRefusal(probe) || isOther(model, first) || !client.equals(firstClient);
        return new KeyAcceptance(probe, false, first, firstClient,
                proven ? new KeyRefusal(status, null, first.since()) : null);
    }

    private static boolean isOther(@Nullable String model, KeyRefusal first) {
        return model != null && first.model() != null && !model.equals(first.model());
    }

    KeyAcceptance probed(int status, Instant now) {
        if (status < 300) {
            return isRefusal(probe) ? new KeyAcceptance(OK, served, null, null, null) : this;
        }
        if (!isRefusal(status)) {
            return this;
        }
        var listsNothing = served && (status == FORBIDDEN || isRefusal(probe));
        var since = suspicion == null ? now : suspicion.since();
        var proof = refused == null && !listsNothing ? new KeyRefusal(status, null, since) : refused;
        return new KeyAcceptance(status, served, suspicion, suspect, proof);
    }
}
