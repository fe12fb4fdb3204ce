package dev.sidecar.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Netty's request decoder, but strict in three places where Netty accepts messages that HTTP does not allow.
 *
 * <p>RFC 9112 §2.3: the version is case-sensitive and has one digit on either side of the dot. RFC 9110 §2.5 and §6.2:
 * a higher minor version is handled as HTTP/1.1; another major version is refused (§15.6.6). RFC 9112 §3.2: no control
 * character stands in a target. RFC 9112 §7.1.1: a chunk extension has a name, and its value is a token or is quoted.
 *
 * <p>A refusal looks like Netty's own: a message or content whose decoder result is a failure, after which everything
 * on the connection is thrown away. Event loop only.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {

    /** A valid version of HTTP, but not HTTP/1. */
    static final class UnsupportedVersionException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        UnsupportedVersionException(String version) {
            super(version);
        }
    }

    private static final Pattern VERSION = Pattern.compile("HTTP/[0-9]\\.[0-9]");
    private static final char DELETE = 0x7f;
    private static final int NOT_IN_CHUNKS = -1;
    /** The length of the line end after a chunk; Netty accepts nothing else. */
    private static final int CRLF = 2;

    /** The bytes until the next line with a chunk's size; 0 at its beginning. */
    private long untilSizeLine = NOT_IN_CHUNKS;
    private boolean refused;

    StrictRequestDecoder(HttpServerOptions options) {
        super(options);
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        checkTarget(initialLine[1]);
        initialLine[2] = versionToServe(initialLine[2]);
        return super.createMessage(initialLine);
    }

    private static void checkTarget(String target) {
        for (int i = 0; i < target.length(); i++) {
            var c = target.charAt(i);
            if (c <= ' ' || c == DELETE) {
                throw new IllegalArgumentException("a control character in the target");
            }
        }
    }

    private static String versionToServe(String version) {
        if (version.equals("HTTP/1.1") || version.equals("HTTP/1.0")) {
            return version;
        }
        if (!VERSION.matcher(version).matches()) {
            throw new IllegalArgumentException("not a version of HTTP");
        }
        if (version.charAt("HTTP/".length()) != '1') {
            throw new UnsupportedVersionException(version);
        }
        return "HTTP/1.1";
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) throws Exception {
        if (refused) {
            bytes.skipBytes(bytes.readableBytes());
            return;
        }
        if (untilSizeLine == 0 && !chunkBegins(bytes)) {
            refuse(bytes, out);
            return;
        }
        var before = bytes.readableBytes();
        super.decode(context, bytes, out);
        if (untilSizeLine > 0) {
            untilSizeLine -= before - bytes.readableBytes();
        } else if (untilSizeLine == NOT_IN_CHUNKS && !out.isEmpty() && out.getLast() instanceof HttpRequest request
                && request.decoderResult().isSuccess() && HttpUtil.isTransferEncodingChunked(request)) {
            untilSizeLine = 0;
        }
    }

    /** @return false when the line with the chunk's size is complete and its extensions are not well formed */
    private boolean chunkBegins(ByteBuf bytes) {
        var length = bytes.bytesBefore((byte) '\n');
        if (length < 0) {
            return true;
        }
        var end = length > 0 && bytes.getByte(bytes.readerIndex() + length - 1) == '\r' ? length - 1 : length;
        var line = ChunkSizeLine.of(bytes.toString(bytes.readerIndex(), end, StandardCharsets.ISO_8859_1));
        untilSizeLine = line.size() > 0 ? length + 1 + line.size() + CRLF : NOT_IN_CHUNKS;
        return line.wellFormed();
    }

    private void refuse(ByteBuf bytes, List<Object> out) {
        refused = true;
        bytes.skipBytes(bytes.readableBytes());
        var content = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        content.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("not a chunk extension")));
        out.add(content);
    }
}
