package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The ways of counting tokens, each for a limit in tokens a minute. */
public final class TokenShapes {

    /** The largest limit. */
    public static final int MOST = 10_000_000;

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Map<String, MeterMaker> BY_NAME = byName();

    @FunctionalInterface
    private interface MeterMaker {

        Meter make(int limit, RandomGenerator random, long startNanos);
    }

    private TokenShapes() {
    }

    /** Every way at every moment. */
    public static List<TokenShape> all(int limit) {
        return names().stream()
                .flatMap(name -> Stream.of(TokenMoment.values()).map(moment -> named(name, limit, moment)))
                .toList();
    }

    public static Set<String> names() {
        return BY_NAME.keySet();
    }

    /** The shape of one of the {@link #names()}. */
    public static TokenShape named(String name, int limit, TokenMoment moment) {
        MeterMaker meter = BY_NAME.get(name);
        if (meter == null) {
            throw new IllegalArgumentException("shape must be one of " + names() + ", got " + name);
        }
        return new TokenShape(name, Sizes.tokens(limit), moment,
                (random, start) -> new TokenLimit(limit, moment, meter.make(limit, random, start)));
    }

    private static Map<String, MeterMaker> byName() {
        var meters = new LinkedHashMap<String, MeterMaker>();
        meters.put("sliding-log", (_, _, _) -> new SlidingLog(MINUTE));
        meters.put("fixed-window", (_, random, start) -> new FixedWindow(MINUTE, edge(random, start)));
        meters.put("sliding-counter", (_, random, start) -> new SlidingCounter(MINUTE, edge(random, start)));
        meters.put("token-bucket", (limit, _, _) -> new TokenBucket(limit));
        return Collections.unmodifiableMap(meters);
    }

    private static long edge(RandomGenerator random, long startNanos) {
        return startNanos + random.nextLong(MINUTE.toNanos());
    }
}
