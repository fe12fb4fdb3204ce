package dev.sidecar.ops;

import dev.sidecar.relay.Cancellation;
import dev.sidecar.relay.UpstreamClient;
import dev.sidecar.relay.UpstreamRequest;
import dev.sidecar.throttle.NanoClock;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/**
 * Whether the provider answers: asks {@code GET /v1/models} through the proxy's own client and pool, at most once every
 * {@link #FRESH} however often it is asked, and waits {@link #LIMIT} at most. Any answer below 500 counts.
 *
 * <p>Thread-safe. The lock guards the last result and lets one thread at a time ask; others wait for its result.
 */
public final class UpstreamProbe {

    static final Duration FRESH = Duration.ofSeconds(3);
    static final Duration LIMIT = Duration.ofSeconds(5);
    private static final long LONGEST_ANSWER = 1_000_000;

    private final UpstreamClient client;
    private final HttpHost host;
    private final String basePath;
    private final List<Header> headers;
    private final NanoClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile String lastKnown = "unknown";
    private boolean reachable;
    private boolean asked;
    private long askedNanos;

    public UpstreamProbe(UpstreamClient client, String baseUrl, @Nullable String apiKey, NanoClock clock) {
        var uri = URI.create(baseUrl);
        this.client = client;
        this.host = new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort());
        this.basePath = uri.getRawPath();
        this.headers = apiKey == null ? List.of() : List.of(new BasicHeader("Authorization", "Bearer " + apiKey, true));
        this.clock = clock;
    }

    public boolean isReachable() {
        lock.lock();
        try {
            if (!asked || clock.nanoTime() - askedNanos >= FRESH.toNanos()) {
                reachable = ask();
                asked = true;
                lastKnown = reachable ? "reachable" : "unreachable";
                askedNanos = clock.nanoTime();
            }
            return reachable;
        } finally {
            lock.unlock();
        }
    }

    /** The last result, without asking: {@code reachable}, {@code unreachable}, or {@code unknown} before the first. */
    public String lastKnown() {
        return lastKnown;
    }

    /** The last result, without asking; false before the first. */
    boolean wasReachable() {
        return lastKnown.equals("reachable");
    }

    private boolean ask() {
        var cancellation = new Cancellation();
        var timer = Thread.startVirtualThread(() -> {
            try {
                Thread.sleep(LIMIT);
                cancellation.cancel();
            } catch (InterruptedException e) {
                // answered in time
            }
        });
        try (var answer = client.send(host, basePath,
                new UpstreamRequest("GET", "/v1/models", headers, null, NOBODY, cancellation))) {
            if (answer.getEntity() != null) {
                answer.getEntity().getContent().skip(LONGEST_ANSWER); // read to its end, the connection can be used again
            }
            return answer.getCode() < 500;
        } catch (IOException | RuntimeException e) {
            return false; // whatever a connection throws that is cut off when the time is up
        } finally {
            timer.interrupt();
        }
    }

    private static final UpstreamRequest.Listener NOBODY = new UpstreamRequest.Listener() {
        @Override
        public void beforeWrite() {
            // not counted: the provider's limit is on POST
        }

        @Override
        public void written() {
            // not counted either
        }

        @Override
        public void answered(ClassicHttpResponse head) {
            // the caller has it
        }
    };
}
