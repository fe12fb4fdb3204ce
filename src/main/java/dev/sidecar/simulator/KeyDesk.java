package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.ProviderLimit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the simulated provider knows of one key: whether it is valid, what it may use, its limit and its counts. Requests are
 * on one event loop; any thread may change the key and read the counts.
 */
final class KeyDesk {

    private final Gate gate;
    private final KeyTally tally;
    private final Set<String> forbidden = ConcurrentHashMap.newKeySet();
    private volatile boolean revoked;
    private volatile boolean withoutCredit;

    KeyDesk(Gate gate, KeyTally tally) {
        this.gate = gate;
        this.tally = tally;
    }

    /** @throws ApiError 401 when the key was revoked */
    void checkValid() {
        if (revoked) {
            throw denied(ApiError.unknownKey());
        }
    }

    /**
     * Counts a request, and responds to a refused one.
     *
     * @param usage the tokens of the request and of its whole response
     * @throws ApiError 402 or 403 when the key may not send it; then the limit does not count it
     */
    boolean lets(ProviderLimit.Request request, Usage usage, Exchange exchange) {
        if (withoutCredit) {
            throw denied(ApiError.withoutCredit());
        }
        if (forbidden.contains(request.model())) {
            throw denied(ApiError.forbiddenModel(request.model()));
        }
        return gate.lets(request, usage, exchange);
    }

    private ApiError denied(ApiError why) {
        tally.denied.incrementAndGet();
        return why;
    }

    void revoke() {
        revoked = true;
    }

    void takeCredit() {
        withoutCredit = true;
    }

    void forbid(String model) {
        forbidden.add(model);
    }

    void restore() {
        revoked = false;
        withoutCredit = false;
        forbidden.clear();
    }

    DemoProvider.KeyCounts counts() {
        return new DemoProvider.KeyCounts(tally.accepted.get(), tally.refused.get(), tally.denied.get());
    }

    DemoProvider.TokenCounts tokens() {
        return new DemoProvider.TokenCounts(tally.tokens.get(), tally.refusedForTokens.get());
    }
}
