package dev.sidecar.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.ResponseOutOfOrderStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sees, while a body is written, that the provider has answered already: one that refuses an upload is not written to until
 * it resets the connection.
 *
 * <p>It looks without waiting. Through TLS that cannot be seen, and a read with a time limit at every look costs a
 * millisecond each, so the socket below is looked at first: nothing can be read from above when nothing has come there.
 * Hence this is also what makes TLS connections. Thread-safe.
 */
final class EarlyResponses implements ResponseOutOfOrderStrategy, TlsSocketStrategy {

    private static final long LOOK_EVERY_BYTES = 64 * 1024;

    private final Supplier<? extends TlsSocketStrategy> tls;
    /** The keys hold the values, which know nothing of the keys: both go when the connection does. */
    private final Map<Socket, Socket> below = Collections.synchronizedMap(new WeakHashMap<>());

    EarlyResponses(Supplier<? extends TlsSocketStrategy> tls) {
        this.tls = tls;
    }

    @Override
    public SSLSocket upgrade(Socket socket, String target, int port, @Nullable Object attachment,
            HttpContext context) throws IOException {
        var above = tls.get().upgrade(socket, target, port, attachment, context);
        below.put(above, socket);
        return above;
    }

    @Override
    public boolean isEarlyResponseDetected(ClassicHttpRequest request, HttpClientConnection connection, InputStream in,
            long sent, long next) throws IOException {
        if (sent / LOOK_EVERY_BYTES == (sent + next) / LOOK_EVERY_BYTES) {
            return false;
        }
        if (in.available() > 0) {
            return true;
        }
        var socket = connection instanceof ManagedHttpClientConnection managed ? managed.getSocket() : null;
        var carrier = socket == null ? null : below.get(socket);
        // What has come may be a session ticket, which the read takes away.
        return carrier != null && carrier.getInputStream().available() > 0
                && connection.isDataAvailable(Timeout.ONE_MILLISECOND);
    }
}
