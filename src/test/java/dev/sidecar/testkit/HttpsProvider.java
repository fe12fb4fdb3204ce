package dev.sidecar.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A {@link FakeProvider} behind TLS that answers with what it is sent, but below {@value #SILENT} not at all. Its certificate, which it
 * signed itself, is for 127.0.0.1 only.
 */
public final class HttpsProvider implements AutoCloseable {

    public static final String SILENT = "/v1/silent";

    private static final String PASSWORD = "of-a-test";

    private final FakeProvider provider;
    private final SSLContext context;
    private final Path keyStore;

    private HttpsProvider(SSLContext context, Path keyStore) {
        this.provider = FakeProvider.start(context.getServerSocketFactory(), HttpsProvider::echo);
        this.context = context;
        this.keyStore = keyStore;
    }

    /** Makes its certificate with the JDK's keytool, in a file of this folder. */
    public static HttpsProvider start(Path folder) throws Exception {
        var file = folder.resolve("provider.p12");
        var keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", "provider", "-keyalg", "EC", "-groupname", "secp256r1", "-dname",
                "CN=provider", "-ext", "san=ip:127.0.0.1", "-validity", "2", "-storetype", "PKCS12", "-keystore",
                file.toString(), "-storepass", PASSWORD).redirectErrorStream(true).start();
        var said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException(said);
        }
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        var tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        return new HttpsProvider(tls, file);
    }

    public int port() {
        return provider.port();
    }

    /** The options of a JVM that trusts this provider and nobody else. */
    public List<String> trustOptions() {
        return List.of("-Djavax.net.ssl.trustStore=" + keyStore, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD,
                "-Djavax.net.ssl.trustStoreType=PKCS12");
    }

    /** Holds its certificate. */
    public Path keyStore() {
        return keyStore;
    }

    /** Has its certificate, and trusts nobody else's. */
    public SSLContext context() {
        return context;
    }

    public String password() {
        return PASSWORD;
    }

    /** Method and path of those that came in. */
    public List<String> requests() {
        return provider.requests().stream().map(request -> request.method() + " " + request.target()).toList();
    }

    private static Answer echo(RecordedRequest request) {
        return request.path().startsWith(SILENT)
                ? new Answer.Silent()
                : new Answer.Full(200, Header.list("Content-Type", "application/json"), request.body());
    }

    @Override
    public void close() {
        provider.close();
    }
}
