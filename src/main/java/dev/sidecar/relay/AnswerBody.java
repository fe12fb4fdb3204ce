package dev.sidecar.relay;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/** The body of a provider's answer before it is decided whether the client gets it. Stateless. */
public final class AnswerBody {

    private static final int SHORT_BYTES = 8 * 1024;

    private AnswerBody() {
    }

    /**
     * Reads the beginning of the body, and puts it back, so that who relays the answer gets every byte. Of a body that
     * breaks off, what came before; the failure then meets who reads on.
     *
     * @return up to 8 KiB
     */
    public static byte[] start(ClassicHttpResponse answer) {
        var entity = answer.getEntity();
        if (entity == null) {
            return new byte[0];
        }
        try {
            var rest = entity.getContent();
            var start = new byte[SHORT_BYTES];
            int length = 0;
            try {
                for (int n = 0; n >= 0 && length < start.length; length += Math.max(0, n)) {
                    n = rest.read(start, length, start.length - length);
                }
            } catch (IOException e) {
                // a broken stream fails again for the next reader
            }
            var bytes = Arrays.copyOf(start, length);
            answer.setEntity(new PutBack(entity, bytes, rest));
            return bytes;
        } catch (IOException e) {
            return new byte[0];
        }
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

        private final InputStream content;

        PutBack(HttpEntity entity, byte[] start, InputStream rest) {
            super(entity);
            this.content = new SequenceInputStream(new ByteArrayInputStream(start), rest);
        }

        @Override
        public InputStream getContent() {
            return content;
        }
    }
}
