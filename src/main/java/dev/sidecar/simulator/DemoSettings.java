package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.Shapes;
import dev.sidecar.simulator.limits.TokenMoment;
import dev.sidecar.simulator.limits.TokenShape;
import dev.sidecar.simulator.limits.TokenShapes;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the simulated provider. Immutable.
 *
 * @param port loopback port, 0 picks a free one
 * @param limit accepted POST requests a minute
 * @param thinkingTime from the complete request to the first byte of the response
 * @param tokenPace the time between two streamed tokens
 * @param tokens length of a response that the request does not limit
 * @param shape how requests are counted: one of {@link Shapes#names()}
 * @param retryAfter how a 429 states the wait: one of {@link RetryAfterForm#names()}
 * @param rateLimitHeaders whether responses carry OpenAI's {@code x-ratelimit-*-requests}
 * @param workerCap requests of one model that run at a time, usually three in four of them from other users; 0 for no
 *        cap
 * @param workerCapStatus the status when all workers are busy: 429, or 503, which NVIDIA also uses
 * @param secondUserRpm requests a minute that another user of the same key sends, 0 for none
 * @param networkDelay whether requests and responses take a network's time
 * @param keys the keys that it knows, each with a limit of its own; none: any key will do, and {@code limit} and {@code shape}
 *        hold for all together
 * @param tpm tokens a minute that it accepts beside the requests, 0 for no such limit; keys have their own
 * @param tpmShape how tokens are counted: one of {@link TokenShapes#names()}
 * @param tpmMoment when they are counted: one of {@link TokenMoment#names()}
 */
@ConfigurationProperties("sidecar.demo")
public record DemoSettings(@DefaultValue("0") int port, @DefaultValue("40") int limit,
        @DefaultValue("300ms") Duration thinkingTime, @DefaultValue("30ms") Duration tokenPace,
        @DefaultValue("40") int tokens, @DefaultValue("sliding-log") String shape,
        @DefaultValue("seconds") String retryAfter, @DefaultValue("false") boolean rateLimitHeaders,
        @DefaultValue("0") int workerCap, @DefaultValue("429") int workerCapStatus,
        @DefaultValue("0") int secondUserRpm, @DefaultValue("false") boolean networkDelay,
        @DefaultValue List<DemoKey> keys, @DefaultValue("0") int tpm,
        @DefaultValue("sliding-log") String tpmShape, @DefaultValue("arrival") String tpmMoment) {

    /** Stands for every key. */
    static final String ANY = "*";

    private static final Duration LONGEST = Duration.ofMinutes(10);

    @ConstructorBinding
    public DemoSettings {
        between("sidecar.demo.port", port, 0, 65_535);
        oneOf("sidecar.demo.shape", shape, Shapes.names());
        between("sidecar.demo.limit", limit, Shapes.leastLimit(shape), DemoKey.MOST);
        between("sidecar.demo.tokens", tokens, 1, 100_000);
        upTo10Minutes("sidecar.demo.thinking-time", thinkingTime);
        upTo10Minutes("sidecar.demo.token-pace", tokenPace);
        oneOf("sidecar.demo.retry-after", retryAfter, RetryAfterForm.names());
        between("sidecar.demo.worker-cap", workerCap, 0, 100_000);
        if (workerCapStatus != 429 && workerCapStatus != 503) {
            throw new IllegalArgumentException(
                    "sidecar.demo.worker-cap-status must be 429 or 503, got " + workerCapStatus);
        }
        between("sidecar.demo.second-user-rpm", secondUserRpm, 0, 10_000);
        keys = List.copyOf(keys);
        if (keys.stream().map(DemoKey::value).distinct().count() < keys.size()) {
            throw DemoKey.wrong();
        }
        between("sidecar.demo.tpm", tpm, 0, TokenShapes.MOST);
        oneOf("sidecar.demo.tpm-shape", tpmShape, TokenShapes.names());
        oneOf("sidecar.demo.tpm-moment", tpmMoment, TokenMoment.names());
    }

    /** A provider that takes any key. */
    public DemoSettings(int port, int limit, Duration thinkingTime, Duration tokenPace, int tokens, String shape,
            String retryAfter, boolean rateLimitHeaders, int workerCap, int workerCapStatus, int secondUserRpm,
            boolean networkDelay) {
        this(port, limit, thinkingTime, tokenPace, tokens, shape, retryAfter, rateLimitHeaders, workerCap,
                workerCapStatus, secondUserRpm, networkDelay, List.of(), 0, "sliding-log", "arrival");
    }

    /** A provider with a sliding log and {@code Retry-After} in seconds, without random effects. */
    public DemoSettings(int port, int limit, Duration thinkingTime, Duration tokenPace, int tokens) {
        this(port, limit, thinkingTime, tokenPace, tokens, "sliding-log", "seconds", false, 0, 429, 0, false);
    }

    /** The same with these keys. */
    public DemoSettings withKeys(List<DemoKey> newKeys) {
        return new DemoSettings(port, limit, thinkingTime, tokenPace, tokens, shape, retryAfter, rateLimitHeaders,
                workerCap, workerCapStatus, secondUserRpm, networkDelay, newKeys, tpm, tpmShape, tpmMoment);
    }

    /** The same with a limit of tokens. */
    public DemoSettings withTokens(int newTpm, String newShape, String newMoment) {
        return new DemoSettings(port, limit, thinkingTime, tokenPace, tokens, shape, retryAfter, rateLimitHeaders,
                workerCap, workerCapStatus, secondUserRpm, networkDelay, keys, newTpm, newShape, newMoment);
    }

    /** The limits that hold: those of the keys, or one for all requests. */
    List<DemoKey> limits() {
        return keys.isEmpty() ? List.of(new DemoKey(ANY, limit, shape, tpm)) : keys;
    }

    /** How the tokens of a key with such a limit are counted. */
    TokenShape tokenShape(DemoKey key) {
        return TokenShapes.named(tpmShape, key.tpm(), TokenMoment.named(tpmMoment));
    }

    private static void between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be between " + least + " and " + most + ", got " + value);
        }
    }

    private static void upTo10Minutes(String name, Duration value) {
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " must be between 0 and 10 minutes, got " + value);
        }
    }

    private static void oneOf(String name, String value, Collection<String> allowed) {
        if (!allowed.contains(value)) {
            throw new IllegalArgumentException(name + " must be one of " + allowed + ", got " + value);
        }
    }
}
