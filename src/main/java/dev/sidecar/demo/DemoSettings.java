package dev.sidecar.demo;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the simulated provider behaves.
 *
 * @param port loopback port, 0 picks a free one
 * @param limit POST requests accepted in any 60 s
 * @param thinkingTime from the complete request to the first byte of the answer
 * @param tokenPace between two streamed tokens
 * @param tokens length of an answer that the request does not limit
 */
@ConfigurationProperties("sidecar.demo")
public record DemoSettings(@DefaultValue("0") int port, @DefaultValue("40") int limit,
        @DefaultValue("300ms") Duration thinkingTime, @DefaultValue("30ms") Duration tokenPace,
        @DefaultValue("40") int tokens) {

    private static final Duration LONGEST = Duration.ofMinutes(10);

    public DemoSettings {
        between("sidecar.demo.port", port, 0, 65_535);
        between("sidecar.demo.limit", limit, 1, 1_000_000);
        between("sidecar.demo.tokens", tokens, 1, 100_000);
        upTo10Minutes("sidecar.demo.thinking-time", thinkingTime);
        upTo10Minutes("sidecar.demo.token-pace", tokenPace);
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
}
