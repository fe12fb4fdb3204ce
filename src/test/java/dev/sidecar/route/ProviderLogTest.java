package dev.sidecar.route;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** What the log says of a provider that fails and comes back, in virtual time. */
@Isolated("reads a logger that all sidecars of the process write to")
class ProviderLogTest {

    private static final Duration QUICK = Duration.ofMillis(100);

    private final Logger logger = (Logger) LoggerFactory.getLogger(ProviderLog.class);
    private final ListAppender<ILoggingEvent> written = new ListAppender<>();
    private long now = -5_000_000_000L; // readings may be negative
    private final ProviderLog log = new ProviderLog("acme", () -> now);

    @BeforeEach
    void listen() {
        written.start();
        logger.addAppender(written);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(written);
        logger.setLevel(null);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private List<String> lines() {
        return written.list.stream().map(event -> event.getLevel() + " " + event.getMessage() + " "
                + event.getKeyValuePairs().stream().map(pair -> pair.key + "=" + pair.value)
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    @Test
    void theFirstFailureIsToldAtOnceAndFurtherOnesNot() {
        for (int i = 0; i < 10; i++) {
            log.failed(new ConnectException("Connection refused"));
            assertThat(lines()).containsExactly("WARN provider_failing provider=acme cause=connection refused"
                    + " failure=java.net.ConnectException: Connection refused");
            pass(Duration.ofSeconds(30));
        }
    }

    @Test
    void thatItIsReachableAgainIsToldWithHowLongItWasOut() {
        log.answered(503, QUICK);
        pass(Duration.ofMillis(12_800));
        log.answered(502, QUICK);
        log.answered(429, QUICK);
        log.answered(200, QUICK);
        assertThat(lines()).containsExactly("WARN provider_failing provider=acme cause=status 503",
                "INFO provider_reachable provider=acme out_ms=12800 failed_attempts=2");
    }

    @Test
    void aResponseToAnAttemptThatBeganBeforeTheFailureIsNoReturn() {
        log.answered(500, QUICK);
        pass(Duration.ofSeconds(1));
        log.answered(200, Duration.ofSeconds(2));
        assertThat(lines()).hasSize(1);
        log.answered(200, QUICK);
        assertThat(lines()).hasSize(2);
    }

    @Test
    void oneThatFailsNowAndThenIsSpokenOfOnceAMinute() {
        for (int second = 0; second < 120; second++) {
            log.answered(500, Duration.ZERO);
            log.answered(200, Duration.ZERO);
            pass(Duration.ofSeconds(1));
        }
        assertThat(written.list).extracting(ILoggingEvent::getMessage).containsExactly("provider_failing",
                "provider_reachable", "provider_failing", "provider_reachable");
    }

    @Test
    void anOutageThatBeginsRightAfterAnotherIsToldWhenItLasts() {
        log.answered(500, QUICK);
        pass(Duration.ofSeconds(1));
        log.answered(200, QUICK);
        log.answered(500, QUICK);
        pass(ProviderLog.QUIET);
        assertThat(lines()).hasSize(2);
        log.answered(500, QUICK);
        assertThat(lines()).hasSize(3).last().asString().startsWith("WARN provider_failing");
    }

    @Test
    void whatAParserSaysOfAResponseIsNotInTheLog() {
        log.failed(new IOException("the response is not HTTP: a secret"));
        assertThat(lines()).containsExactly(
                "WARN provider_failing provider=acme cause=connection failed failure=java.io.IOException");
    }

    @Test
    void theTransitionsOfTheCircuitAreTold() {
        var breaker = CircuitBreaker.ofDefaults("b");
        log.listenTo(breaker);
        breaker.transitionToOpenState();
        breaker.transitionToHalfOpenState();
        breaker.transitionToClosedState();
        assertThat(lines()).containsExactly("WARN circuit_open provider=acme from=closed",
                "INFO circuit_half_open provider=acme from=open", "INFO circuit_closed provider=acme from=half_open");
    }
}
