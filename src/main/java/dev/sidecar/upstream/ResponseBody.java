package dev.sidecar.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/** The body of a provider's answer before it is decided whether the client gets it. Stateless. */
public final class ResponseBody {

    /** How long the first bytes are waited for. */
    public static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final int SHORT_BYTES = 8 * 1024;

    private ResponseBody() {
    }

    /**
     * The beginning of the body, as much as comes within {@link #PATIENCE} of the first call; a slow body must not delay what is
     * decided by it. Who relays the answer gets every byte. Of a body that breaks off, what came before; the failure then
     * meets who reads on.
     *
     * @return up to 8 KiB
     */
    public static byte[] start(ClassicHttpResponse answer) {
        var entity = answer.getEntity();
        if (entity == null) {
            return new byte[0];
        }
        if (entity instanceof PutBack again) {
            return again.start.bytes();
        }
        try {
            var start = new BodyStart(entity.getContent(), entity.getContentLength(), SHORT_BYTES, PATIENCE);
            answer.setEntity(new PutBack(entity, start));
            return start.bytes();
        } catch (IOException e) {
            return new byte[0];
        }
    }

    /** Whether it is slower than those who decide by its beginning would wait. */
    static boolean isSlow(HttpEntity entity) {
        return entity instanceof PutBack begun && !begun.start.isComplete();
    }

    /** Nobody wants the rest: the connection goes back if a short rest is here already, otherwise it is closed. */
    public static void drop(ClassicHttpResponse answer) {
        var entity = answer.getEntity();
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
            // closed then
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
