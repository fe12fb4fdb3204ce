package dev.sidecar.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.testkit.HttpsProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An endpoint that an operator writes into a route without naming our client has Camel's own. */
class LazyTlsHttpComponentTest {

    @TempDir
    private Path folder;
    private HttpsProvider provider;
    private DefaultCamelContext camel;

    @BeforeEach
    void start() throws Exception {
        provider = HttpsProvider.start(folder);
        camel = new DefaultCamelContext();
        camel.addComponent("https", new LazyTlsHttpComponent());
        camel.start();
    }

    @AfterEach
    void stop() throws Exception {
        camel.close();
        provider.close();
    }

    @Test
    void whomThePlatformDoesNotTrustItDoesNotAsk() {
        var endpoint = "https://127.0.0.1:" + provider.port() + "/v1?httpMethod=POST";

        assertThatThrownBy(() -> post(endpoint)).isInstanceOf(CamelExecutionException.class)
                .hasCauseInstanceOf(SSLException.class);
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void whomItsOwnParametersTrustItAsks() {
        camel.getRegistry().bind("ours", trusting(provider));
        var endpoint = "https://127.0.0.1:" + provider.port() + "/v1?httpMethod=POST&sslContextParameters=#ours";

        assertThat(post(endpoint)).isEqualTo("text");
        assertThat(provider.requests()).containsExactly("POST /v1");
    }

    private String post(String endpoint) {
        try (var template = camel.createProducerTemplate()) {
            return template.requestBody(endpoint, "text", String.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SSLContextParameters trusting(HttpsProvider provider) {
        var keyStore = new KeyStoreParameters();
        keyStore.setType("PKCS12");
        keyStore.setResource("file:" + provider.keyStore());
        keyStore.setPassword(provider.password());
        var trusted = new TrustManagersParameters();
        trusted.setKeyStore(keyStore);
        var tls = new SSLContextParameters();
        tls.setTrustManagers(trusted);
        return tls;
    }
}
