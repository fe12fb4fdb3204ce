package dev.sidecar.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.core5.http.impl.BasicEndpointDetails;
import org.apache.hc.core5.http.impl.BasicHttpConnectionMetrics;
import org.apache.hc.core5.http.impl.BasicHttpTransportMetrics;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.Test;

/** When a provider has been silent for too long, in virtual time. */
class ReadTimeoutTest {

    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final AtomicLong now = new AtomicLong(-1); // as a clock may: the next moments are on both sides of zero
    private final AtomicInteger ended = new AtomicInteger();
    private final BasicHttpTransportMetrics received = new BasicHttpTransportMetrics();
    private final BasicHttpTransportMetrics sent = new BasicHttpTransportMetrics();
    private final ReadTimeout timeout = new ReadTimeout(LIMIT, ended::incrementAndGet, now::get);

    ReadTimeoutTest() {
        timeout.connection(new BasicEndpointDetails(null, null,
                new BasicHttpConnectionMetrics(received, sent), Timeout.DISABLED));
    }

    @Test
    void whoeverIsNotWaitedForMayBeSilent() {
        after(LIMIT.multipliedBy(100));
        assertThat(ended).hasValue(0);
    }

    @Test
    void silenceUpToTheLimitIsBorneAndALongerOneEndsTheReadOnce() {
        timeout.waits();
        after(LIMIT);
        assertThat(ended).hasValue(0);
        after(Duration.ofMillis(1));
        after(LIMIT);
        assertThat(ended).hasValue(1);
        var closed = new SocketException("closed");
        assertThat(timeout.failure(closed)).isInstanceOf(SocketTimeoutException.class).hasCause(closed);
    }

    @Test
    void anAnswerThatComesWhileTheConnectionIsEndedIsNoAnswer() {
        timeout.waits();
        after(LIMIT.plusMillis(1));
        assertThatThrownBy(timeout::heard).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void bytesThatTrickleInBeginTheWaitAnew() {
        timeout.waits();
        for (var i = 0; i < 10; i++) {
            received.incrementBytesTransferred(1);
            after(LIMIT);
        }
        assertThat(ended).hasValue(0);
        after(LIMIT.plusMillis(1));
        assertThat(ended).hasValue(1);
    }

    @Test
    void bytesThatTrickleOutBeginItAnewToo() {
        timeout.waits();
        for (var i = 0; i < 10; i++) {
            sent.incrementBytesTransferred(1);
            after(LIMIT);
        }
        assertThat(ended).hasValue(0);
        after(LIMIT.plusMillis(1));
        assertThat(ended).hasValue(1);
    }

    @Test
    void aWaitThatIsOverIsNotBegunAnewBeforeSomebodyIsTold() {
        timeout.waits();
        after(LIMIT.plusMillis(1));
        timeout.waits();
        assertThat(timeout.failure(new SocketException("closed"))).isInstanceOf(SocketTimeoutException.class);
        timeout.waits();
        assertThatCode(timeout::heard).doesNotThrowAnyException();
    }

    @Test
    void eachWaitHasTheWholeLimit() {
        for (var i = 0; i < 3; i++) {
            timeout.waits();
            after(LIMIT);
            assertThatCode(timeout::heard).doesNotThrowAnyException();
            after(LIMIT);
        }
        assertThat(ended).hasValue(0);
    }

    @Test
    void anotherFailureStaysWhatItIs() {
        timeout.waits();
        var reset = new IOException("reset");
        assertThat(timeout.failure(reset)).isSameAs(reset);
        after(LIMIT.multipliedBy(2));
        assertThat(ended).hasValue(0);
    }

    private void after(Duration time) {
        now.addAndGet(time.toNanos());
        timeout.endIfOver();
    }
}
