package dev.sidecar.relay;

import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Vert.x buffers without copying their bytes; bodies of many megabytes pass here. Stateless. */
@SuppressWarnings("deprecation") // the accessors to Netty's buffer moved to an internal type, without another way
public final class Buffers {

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

    static void writeTo(OutputStream out, Buffer buffer) throws IOException {
        var bytes = buffer.getByteBuf();
        bytes.getBytes(bytes.readerIndex(), out, bytes.readableBytes());
    }
}
