package dev.sidecar.upstream;

import dev.sidecar.call.Cancellation;
import dev.sidecar.http.Buffers;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.hc.core5.function.Supplier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.jspecify.annotations.Nullable;

/**
 * A request exactly as the provider sees it: method, target, header fields, and the body's bytes. Immutable.
 *
 * <p>It travels through camel-http as the message's body; camel-http passes it on unchanged because it is an {@link
 * HttpEntity}. {@link UpstreamClient} then writes exactly this content. So nothing on the way can re-encode a query
 * string, merge repeated fields, or drop a method that camel-http does not know.
 *
 * @param method the method token, RFC 9110 §9
 * @param target path and query exactly as the client sent them
 * @param headers end-to-end fields, repeated ones in order
 * @param body the bytes, or null when the client's message had no body (which differs from an empty one)
 * @param listener told when the request leaves and when its response begins
 * @param cancellation aborts the call when the client goes away
 */
public record UpstreamRequest(String method, String target, List<Header> headers,
        @Nullable Buffer body, Listener listener, Cancellation cancellation)
        implements
            HttpEntity {

    /** Follows the sending of a request; called on the sending thread, except {@link #aborted}. */
    public interface Listener {

        /** Longer than any limit. */
        Duration ANY_LENGTH = Duration.ofDays(1);

        /** For a request that counts against no limit, and whose caller has the response. */
        Listener NOBODY = new Listener() {
            @Override
            public void beforeWrite() {
                // not counted
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

        /** How long the client still waits for a connection; values above the client's own limit have no effect. */
        default Duration patience() {
            return ANY_LENGTH;
        }

        /**
         * Whether the request, with its key, may go to this host.
         *
         * @param basePath path prefix of the base URL, possibly empty: several providers may be behind one host
         */
        default boolean maySendTo(HttpHost host, String basePath) {
            return true;
        }

        /** The last moment before the first byte is written. */
        void beforeWrite() throws NotSentException;

        /**
         * The last byte has been written, or no more bytes will be. Called at least once after {@link #beforeWrite},
         * and before {@link #answered}.
         */
        void written();

        /** The response's head has been read; its entity is still unread. */
        void answered(ClassicHttpResponse head);

        /** There is no response, and there will be none. */
        default void failed(IOException failure) {
            // the caller has the exception
        }

        /** The connection was closed during the exchange, because the client has gone. Called on any thread. */
        default void aborted() {
            // most listeners do not need it
        }
    }

    /** Without header fields and body, which hold the key and the prompt. */
    @Override
    public String toString() {
        return "UpstreamRequest[" + method + "]";
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    @Override
    public InputStream getContent() {
        return body == null ? InputStream.nullInputStream() : Buffers.read(body);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        if (body != null) {
            Buffers.writeTo(out, body);
        }
    }

    @Override
    public boolean isStreaming() {
        return false;
    }

    @Override
    public Supplier<List<? extends Header>> getTrailers() {
        return List::of;
    }

    @Override
    public void close() {
        // nothing is held
    }

    @Override
    public long getContentLength() {
        return body == null ? 0 : body.length();
    }

    @Override
    public String getContentType() {
        return ""; // the client's own Content-Type, if any, is among the headers
    }

    @Override
    public String getContentEncoding() {
        return "";
    }

    @Override
    public boolean isChunked() {
        return false;
    }

    @Override
    public Set<String> getTrailerNames() {
        return Set.of();
    }
}
