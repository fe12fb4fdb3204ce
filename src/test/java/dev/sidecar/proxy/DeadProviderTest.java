package dev.sidecar.proxy;

import static dev.sidecar.proxy.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sidecar.route.ProviderLog;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** A provider that is dead shows in the log while the request that finds it out is still tried. */
@ProgramTest
@Isolated("reads a logger that all sidecars of the process write to")
class DeadProviderTest {

    @Test
    void theLogSaysSoAtTheFirstAttemptAndThenOnlyThatItIsBack() throws Exception {
        var written = new ListAppender<ILoggingEvent>();
        written.start();
        var logger = (Logger) LoggerFactory.getLogger(ProviderLog.class);
        var linesBeforeAttempt = new CopyOnWriteArrayList<List<String>>();
        try (var provider = FakeProvider.start(); var sidecar = Sidecar.inFrontOf(provider.baseUrl())) {
            logger.addAppender(written); // a start sets up all logging anew
            logger.setLevel(Level.INFO);
            provider.script(request -> {
                linesBeforeAttempt.add(messages(written));
                return linesBeforeAttempt.size() <= 3 ? new Answer.ResetBeforeHead() : Answer.chat("Hello");
            });
            assertThat(WireClient.exchange(sidecar.port(), "POST", "/v1/x", utf8("{}")).status()).isEqualTo(200);
            assertThat(linesBeforeAttempt).containsExactly(List.of(), List.of("provider_failing"),
                    List.of("provider_failing"), List.of("provider_failing"));
            assertThat(messages(written)).containsExactly("provider_failing", "provider_reachable");
            assertThat(written.list.getLast().getKeyValuePairs()).anySatisfy(
                    pair -> assertThat(pair.key + "=" + pair.value).isEqualTo("failed_attempts=3"));
        } finally {
            logger.detachAppender(written);
            logger.setLevel(null);
        }
    }

    private static List<String> messages(ListAppender<ILoggingEvent> written) {
        return new ArrayList<>(written.list).stream().map(ILoggingEvent::getMessage).toList();
    }
}
