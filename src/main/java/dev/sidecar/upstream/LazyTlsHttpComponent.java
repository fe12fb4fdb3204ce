package dev.sidecar.upstream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.function.Supplier;
import javax.net.ssl.HostnameVerifier;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.hc.client5.http.socket.ConnectionSocketFactory;
import org.apache.hc.client5.http.socket.LayeredConnectionSocketFactory;
import org.apache.hc.client5.http.socket.PlainConnectionSocketFactory;
import org.apache.hc.client5.http.ssl.SSLConnectionSocketFactory;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Registry;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.ssl.SSLContexts;
import org.apache.hc.core5.util.TimeValue;
import org.springframework.util.function.SingletonSupplier;

/**
 * Camel's HTTP component with one difference: its endpoints read the trusted authorities when they first need them.
 * Camel reads them for the connection pool of each new endpoint, which slows the start. An endpoint with its own {@code
 * httpClient} never uses that pool. Thread-safe after its initialization, like Camel's.
 */
@Component("http,https")
@SuppressWarnings("deprecation") // Camel 4.18 uses classes that HttpClient 5.4 has deprecated
public final class LazyTlsHttpComponent extends HttpComponent {

    @Override
    protected Registry<ConnectionSocketFactory> createConnectionRegistry(HostnameVerifier hostnames,
            SSLContextParameters own, boolean systemProperties) throws GeneralSecurityException, IOException {
        if (own != null) {
            return super.createConnectionRegistry(hostnames, own, systemProperties);
        }
        var tls = SingletonSupplier.of(() -> new SSLConnectionSocketFactory(
                systemProperties ? SSLContexts.createSystemDefault() : SSLContexts.createDefault(), hostnames));
        return RegistryBuilder.<ConnectionSocketFactory>create()
                .register("http", PlainConnectionSocketFactory.getSocketFactory())
                .register("https", new OnceNeeded(tls)).build();
    }

    private record OnceNeeded(Supplier<SSLConnectionSocketFactory> tls) implements LayeredConnectionSocketFactory {

        @Override
        public Socket createSocket(HttpContext context) throws IOException {
            return tls.get().createSocket(context);
        }

        @Override
        public Socket connectSocket(TimeValue timeout, Socket socket, HttpHost host, InetSocketAddress remote,
                InetSocketAddress local, HttpContext context) throws IOException {
            return tls.get().connectSocket(timeout, socket, host, remote, local, context);
        }

        @Override
        public Socket createLayeredSocket(Socket socket, String target, int port, HttpContext context)
                throws IOException {
            return tls.get().createLayeredSocket(socket, target, port, context);
        }
    }
}
