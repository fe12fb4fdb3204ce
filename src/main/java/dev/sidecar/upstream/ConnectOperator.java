package dev.sidecar.upstream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the addresses of a name, one after the other, until one accepts. All share one time limit. Each address
 * gets an equal part of the remaining time, so an address that never responds leaves time for the next. Thread-safe.
 */
final class ConnectOperator implements HttpClientConnectionOperator {

    private static final Duration SHORTEST = Duration.ofMillis(1); // 0 would mean no limit

    private final HttpClientConnectionOperator single;
    private final DnsResolver names;
    private final SchemePortResolver ports;

    /** @param single connects to a host with one address */
    ConnectOperator(HttpClientConnectionOperator single, DnsResolver names, SchemePortResolver ports) {
        this.single = single;
        this.names = names;
        this.ports = ports;
    }

    @Override
    public void connect(ManagedHttpClientConnection connection, HttpHost host, @Nullable NamedEndpoint name,
            @Nullable InetSocketAddress local, Timeout limit, SocketConfig socketConfig, @Nullable Object attachment,
            HttpContext context) throws IOException {
        long end = System.nanoTime() + limit.toNanoseconds();
        var addresses = names.resolve(host.getHostName(), ports.resolve(host.getSchemeName(), host));
        @Nullable
        IOException failure = null;
        for (int i = 0; i < addresses.size(); i++) {
            long remaining = end - System.nanoTime();
            if (remaining <= 0 && failure != null) {
                break;
            }
            long part = Math.max(SHORTEST.toNanos(), remaining / (addresses.size() - i));
            try {
                single.connect(connection, at(addresses.get(i), host), name, local, Timeout.ofNanoseconds(part),
                        socketConfig, attachment, context);
                return;
            } catch (IOException e) {
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            }
        }
        throw failure == null ? new UnknownHostException("no address") : failure;
    }

    private static HttpHost at(InetSocketAddress address, HttpHost host) {
        return new HttpHost(host.getSchemeName(), address.getAddress(), host.getHostName(), address.getPort());
    }

    @Override
    public void connect(ManagedHttpClientConnection connection, HttpHost host, @Nullable InetSocketAddress local,
            TimeValue limit, SocketConfig socketConfig, HttpContext context) throws IOException {
        connect(connection, host, null, local, Timeout.of(limit.getDuration(), limit.getTimeUnit()), socketConfig,
                null, context);
    }

    @Override
    public void upgrade(ManagedHttpClientConnection connection, HttpHost host, HttpContext context)
            throws IOException {
        single.upgrade(connection, host, context);
    }

    @Override
    public void upgrade(ManagedHttpClientConnection connection, HttpHost host, @Nullable NamedEndpoint name,
            @Nullable Object attachment, HttpContext context) throws IOException {
        single.upgrade(connection, host, name, attachment, context);
    }
}
