package dev.sidecar.route;

import dev.sidecar.call.Cancellation;
import dev.sidecar.call.ClientCall;
import dev.sidecar.upstream.UpstreamRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultMessage;
import org.apache.hc.core5.http.ClassicHttpResponse;

/**
 * Last step before camel-http in a route that mirrors: makes a request of its own out of the copy of a client's, whose
 * response is read to the end and thrown away. Nothing that happens to it reaches the client, which may even be gone.
 *
 * <p>Reads the exchange property {@value OtherUpstreamRequest#API_KEY}, as {@link OtherUpstreamRequest} does; the provider's
 * key never leaves with it. Requests with a body of more than {@value #LONGEST_BODY_BYTES} bytes are not mirrored, since
 * a mirror that is slow would hold them in memory. Thread-safe.
 */
public final class MirrorRequest implements Processor {

    static final int LONGEST_BODY_BYTES = 1024 * 1024;

    private static final int MOST_AT_ONCE = 32;

    /** For the wire tap: what comes while so many are under way is not mirrored, instead of waiting or failing. */
    public static ExecutorService threads() {
        return new ThreadPoolExecutor(0, MOST_AT_ONCE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(),
                Thread.ofVirtual().name("mirror-", 0).factory(), new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        call.detachFrom(exchange); // from here on no step can reach the client
        var body = call.body();
        if (body != null && body.length() > LONGEST_BODY_BYTES) {
            exchange.setRouteStop(true);
            return;
        }
        var request = OutgoingRequest.of(call, exchange.getMessage(), RouteApiKey.takeFrom(exchange), new Discard(),
                new Cancellation());
        var message = new DefaultMessage(exchange);
        message.setBody(request);
        exchange.setMessage(message);
    }

    private static final class Discard implements UpstreamRequest.Listener {

        @Override
        public void beforeWrite() {
            // nobody waits for it
        }

        @Override
        public void written() {
            // nor for this
        }

        @Override
        public void answered(ClassicHttpResponse head) {
            if (head.getEntity() == null) {
                return;
            }
            // Not closed before its end, which would stop the upstream in the middle of its work.
            try (var content = head.getEntity().getContent()) {
                content.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // nobody waits for the rest
            }
        }
    }
}
