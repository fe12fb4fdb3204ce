package dev.sidecar.upstream;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/** The body of a provider's response before the decision whether the client gets it. Stateless. */
public final class ResponseBody {

    /** The longest wait for the first bytes. */
    public static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final int SHORT_BYTES = 8 * 1024;
    private static final int FIRST_PIECE_BYTES = 1024;

    private ResponseBody() {
    }

    /**
     * The beginning of the body, as much as comes within {@link #PATIENCE} of the first call: a slow body must not
     * delay the decision. A later relay of the response still gets every byte. If the body breaks off, this returns the
     * bytes before that, and the reader of the rest gets the failure.
     *
     * @return up to 8 KiB
     */
    public static byte[] start(ClassicHttpResponse response) {
        var entity = response.getEntity();
        if (entity == null) {
            return new byte[0];
        }
        if (entity instanceof PutBack again) {
            return again.start.bytes();
        }
        try {
            var start = new BodyStart(entity.getContent(), entity.getContentLength(), SHORT_BYTES, PATIENCE);
            response.setEntity(new PutBack(entity, start));
            return start.bytes();
        } catch (IOException e) {
            return new byte[0];
        }
    }

    /**
     * Waits for the first byte of the body, or its end. A later relay of the response gets every byte.
     *
     * @throws IOException if the provider breaks off, or is silent for too long, before that
     */
    public static void awaitFirst(ClassicHttpResponse response) throws IOException {
        var entity = response.getEntity();
        if (entity != null) {
            var content = entity.getContent();
            var piece = new byte[FIRST_PIECE_BYTES];
            var length = Math.max(0, content.read(piece));
            var whole = new SequenceInputStream(new ByteArrayInputStream(piece, 0, length), content);
            response.setEntity(new HttpEntityWrapper(entity) {
                @Override
                public InputStream getContent() {
                    return whole;
                }
            });
        }
    }

    /** Whether the body is too slow for a decision by its beginning. */
    static boolean isSlow(HttpEntity entity) {
        return entity instanceof PutBack putBack && !putBack.start.isComplete();
    }

    /**
     * Drops the rest of the body. If a short rest is already here, the connection goes back to the pool; otherwise it
     * is closed.
     */
    public static void drop(ClassicHttpResponse response) {
        var entity = response.getEntity();
        if (entity == null) {
            return;
        }
        try (var content = entity.getContent()) {
            var length = entity.getContentLength();
            if (length >= 0 && length <= SHORT_BYTES) {
                var skipped = 0L;
                for (int here = content.available(); here > 0 && skipped < length; here = content.available()) {
                    skipped += content.readNBytes(here).length;
                }
                if (skipped == length) {
                    content.read(); // sees the end, which gives the connection back to the pool
                }
            }
        } catch (IOException e) {
            // the connection is closed then
        }
    }

    private static final class PutBack extends HttpEntityWrapper {

        private final BodyStart start;

        PutBack(HttpEntity entity, BodyStart start) {
            super(entity);
            this.start = start;
        }

        @Override
        public InputStream getContent() {
            return start;
        }
    }
}
