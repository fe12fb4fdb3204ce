package dev.sidecar.throttle.tokens;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Estimates what requests cost, and learns from responses: how many tokens bytes make, and how long responses are. It
 * knows this for each client and model, for a model where it has not seen the client, and for the {@value #MOST} used last.
 * Thread-safe: its own lock guards the map, and nothing is called under it.
 */
public final class TokenEstimates {

    static final int MOST = 1000;

    private final Map<Kind, Seen> seen = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, Seen> eldest) {
            return size() > MOST;
        }
    };

    /** @param client null for the requests of all clients */
    private record Kind(@Nullable String client, @Nullable String model) {
    }

    private static final class Seen {

        private final RecentOutputs outputs = new RecentOutputs();
        private final InputTrend inputs = new InputTrend();
    }

    /**
     * What a request may cost.
     *
     * @param model null if unknown
     * @param bodyBytes the size of its body
     * @param most the tokens that the client allows for the response; empty if it does not say
     */
    public TokenEstimate of(String client, @Nullable String model, long bodyBytes, OptionalLong most) {
        synchronized (seen) {
            Seen like = seen.get(new Kind(client, model));
            if (like == null) {
                like = seen.get(new Kind(null, model));
            }
            return like == null
                    ? new TokenEstimate(new InputTrend().of(bodyBytes), most, OptionalLong.empty())
                    : new TokenEstimate(like.inputs.of(bodyBytes), most, like.outputs.usual());
        }
    }

    /** The same, asked again whenever it is needed. */
    public TokenCost cost(String client, @Nullable String model, long bodyBytes, OptionalLong most) {
        return () -> of(client, model, bodyBytes, most);
    }

    /** A response has told what its request cost. */
    public void learn(String client, @Nullable String model, long bodyBytes, TokenUsage usage) {
        synchronized (seen) {
            learn(new Kind(client, model), bodyBytes, usage);
            learn(new Kind(null, model), bodyBytes, usage);
        }
    }

    private void learn(Kind kind, long bodyBytes, TokenUsage usage) {
        Seen like = seen.computeIfAbsent(kind, _ -> new Seen());
        like.outputs.add(usage.output());
        like.inputs.add(bodyBytes, usage.input());
    }

    /** How many kinds of requests are remembered; tests use it. */
    int remembered() {
        synchronized (seen) {
            return seen.size();
        }
    }
}
