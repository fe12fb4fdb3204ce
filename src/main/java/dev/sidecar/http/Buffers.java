package dev.sidecar.http;

import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Vert.x buffers without copying their bytes; bodies of many megabytes pass here. Stateless. */
@SuppressWarnings("deprecation") // there is no other access to Netty's buffer: it moved to an internal type
public final class Buffers {

    /** The longest TLS record. A piece counts as sent when the operating system has taken all of it. */
    private static final int PIECE_BYTES = 16 * 1024;

    private Buffers() {
    }

    /** A buffer over the array itself, which must not change any more. */
    public static Buffer wrap(byte[] bytes) {
        return Buffer.buffer(Unpooled.wrappedBuffer(bytes));
    }

    /** The bytes from the beginning; any number of streams may read one buffer. */
    public static InputStream read(Buffer buffer) {
        return new ByteBufInputStream(buffer.getByteBuf().duplicate());
    }

    /**
     * The bytes with others in place of some of them. All the rest is shared with the buffer, which must not change any more.
     *
     * @param from the first byte that is replaced
     * @param to the first byte behind them
     */
    public static Buffer replaced(Buffer buffer, int from, int to, byte[] by) {
        var bytes = buffer.getByteBuf();
        var begin = bytes.readerIndex();
        return Buffer.buffer(Unpooled.wrappedBuffer(bytes.retainedSlice(begin, from), Unpooled.wrappedBuffer(by),
                bytes.retainedSlice(begin + to, buffer.length() - to)));
    }

    /** Writes in pieces; between two pieces the connection checks for an early response. */
    public static void writeTo(OutputStream out, Buffer buffer) throws IOException {
        var bytes = buffer.getByteBuf();
        for (int at = 0; at < buffer.length(); at += PIECE_BYTES) {
            bytes.getBytes(bytes.readerIndex() + at, out, Math.min(PIECE_BYTES, buffer.length() - at));
        }
    }
}
