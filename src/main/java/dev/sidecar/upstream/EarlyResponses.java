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
 * Detects a response while the request body is still being written. So a provider that refuses an upload gets no
 * further bytes, and has no reason to reset the connection.
 *
 * <p>The check does not wait. TLS hides whether bytes have come, and each read with a time limit takes a millisecond.
 * So the check looks first at the socket below TLS: without bytes there, a read above cannot return any. For this
 * reason the class also makes the TLS connections. Thread-safe.
 */
final class EarlyResponses implements ResponseOutOfOrderStrategy, TlsSocketStrategy {

    private static final long CHECK_EVERY_BYTES = 64 * 1024;

    private final Supplier<? extends TlsSocketStrategy> tls;
    /** The keys refer to the values, and the values not to the keys: both go when the connection does. */
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
        if (sent / CHECK_EVERY_BYTES == (sent + next) / CHECK_EVERY_BYTES) {
            return false;
        }
        if (in.available() > 0) {
            return true;
        }
        var socket = connection instanceof ManagedHttpClientConnection managed ? managed.getSocket() : null;
        var transport = socket == null ? null : below.get(socket);
        // The bytes may be a session ticket, which the read takes away.
        return transport != null && transport.getInputStream().available() > 0
                && connection.isDataAvailable(Timeout.ONE_MILLISECOND);
    }
}
