package dev.sidecar.throttle.tokens;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Estimates what requests cost, and learns from responses: how many bytes a token has, and how long responses are. It
 * knows this for each client and model, for a model where it has not seen the client, and for the {@value #MOST} used last.
 * Thread-safe: its own lock guards two maps, and nothing is called under it.
 */
public final class TokenEstimates {

    static final int MOST = 1000;

    /** Of English text, in about any tokenizer. */
    private static final double USUAL_TOKENS_PER_BYTE = 0.25;
    /** No tokenizer makes more tokens than there are bytes; what a provider adds to each request is small. */
    private static final double MOST_TOKENS_PER_BYTE = 2;
    private static final double NEWEST = 0.2;

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
        private double tokensPerByte;

        void learn(long bytes, TokenUsage usage) {
            outputs.add(usage.output());
            if (bytes > 0 && usage.input() > 0) {
                double shown = Math.min(MOST_TOKENS_PER_BYTE, (double) usage.input() / bytes);
                tokensPerByte = tokensPerByte == 0 ? shown : tokensPerByte + NEWEST * (shown - tokensPerByte);
            }
        }
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
            double tokensPerByte = like == null || like.tokensPerByte == 0
                    ? USUAL_TOKENS_PER_BYTE
                    : like.tokensPerByte;
            return new TokenEstimate((long) Math.ceil(bodyBytes * tokensPerByte), most,
                    like == null ? OptionalLong.empty() : like.outputs.usual());
        }
    }

    /** A response has told what its request cost. */
    public void learn(String client, @Nullable String model, long bodyBytes, TokenUsage usage) {
        synchronized (seen) {
            seen.computeIfAbsent(new Kind(client, model), _ -> new Seen()).learn(bodyBytes, usage);
            seen.computeIfAbsent(new Kind(null, model), _ -> new Seen()).learn(bodyBytes, usage);
        }
    }

    /** How many kinds of requests are remembered; tests use it. */
    int remembered() {
        synchronized (seen) {
            return seen.size();
        }
    }
}
