package dev.sidecar.upstream;

import dev.sidecar.call.Cancellation;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;

/**
 * A {@code GET} of the sidecar's own, with a limit on its time and on its response. It costs no slot: only POST counts
 * against the provider's limit. Blocks. Stateless.
 */
public final class ShortGet {

    private ShortGet() {
    }

    /** A whole response. Not to be changed. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Answer(int status, byte[] body) {
    }

    /**
     * @param baseUrl of the upstream, without a version
     * @param target path and query, to be appended
     * @param limit from here to the last byte of the response
     * @param most bytes of the response's body
     * @throws SocketTimeoutException when the time is over
     * @throws IOException when there is no whole response, or a longer one
     */
    public static Answer send(UpstreamClient client, String baseUrl, String target, List<Header> headers,
            Duration limit, int most) throws IOException {
        return send(client, baseUrl, target, headers, limit,
                response -> new Answer(response.getCode(), body(response, most)));
    }

    /**
     * The status alone. The body is skipped, so that the connection can be used again.
     *
     * @param most bytes to skip; a longer body costs the connection
     */
    public static int status(UpstreamClient client, String baseUrl, String target, List<Header> headers,
            Duration limit, long most) throws IOException {
        return send(client, baseUrl, target, headers, limit, response -> {
            if (response.getEntity() != null) {
                response.getEntity().getContent().skip(most);
            }
            return response.getCode();
        });
    }

    @FunctionalInterface
    private interface Reader<T> {

        T read(ClassicHttpResponse response) throws IOException;
    }

    private static <T> T send(UpstreamClient client, String baseUrl, String target, List<Header> headers,
            Duration limit, Reader<T> reader) throws IOException {
        var cancellation = new Cancellation();
        var timer = Thread.ofVirtual().name("short-get-timer").start(() -> {
            try {
                Thread.sleep(limit);
                cancellation.cancel();
            } catch (InterruptedException e) {
                // the response came in time
            }
        });
        var uri = URI.create(baseUrl);
        try (var response = client.send(new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort()), uri.getRawPath(),
                new UpstreamRequest("GET", target, headers, null, UpstreamRequest.Listener.NOBODY, cancellation))) {
            return reader.read(response);
        } catch (IOException | RuntimeException e) { // a connection that is cut off may throw either
            if (cancellation.isCancelled()) {
                throw (IOException) new SocketTimeoutException("no response within " + limit).initCause(e);
            }
            throw e;
        } finally {
            timer.interrupt();
        }
    }

    private static byte[] body(ClassicHttpResponse response, int most) throws IOException {
        if (response.getEntity() == null) {
            return new byte[0];
        }
        var body = response.getEntity().getContent().readNBytes(most + 1);
        if (body.length > most) {
            throw new IOException("the response is longer than " + most + " bytes");
        }
        return body;
    }
}
