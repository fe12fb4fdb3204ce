package dev.sidecar.relay;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Error answers given by the server itself, to requests that never reach a route. Event loop only. */
final class DirectAnswer {

    private DirectAnswer() {
    }

    static void send(HttpServerRequest request, ErrorBody error) {
        var response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.headWritten()) {
            request.connection().close();
            return;
        }
        response.setStatusCode(error.status()).putHeader("Content-Type", "application/json").putHeader(
                RequestIds.HEADER, RequestIds.of(request.getHeader(RequestIds.HEADER)));
        response.end(Buffer.buffer(error.toJson()));
    }

    /** Refuses, and ends the connection with the answer: what follows on it is not worth reading, or not to be trusted. */
    static void sendLast(HttpServerRequest request, ErrorBody error) {
        if (!request.response().headWritten()) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        send(request, error);
    }

    /** A message that is not HTTP/1.1, or larger than the server's limits; the connection ends with the answer. */
    static void sendInvalid(HttpServerRequest request) {
        var cause = request.decoderResult().cause();
        var error = switch (cause) {
            case TooLongHttpLineException tooLong -> ErrorBody.invalidRequest(414, "uri_too_long",
                    "the request line is longer than " + IngressServer.MAX_REQUEST_LINE_BYTES + " bytes");
            case TooLongHttpHeaderException tooLong -> ErrorBody.invalidRequest(431, "headers_too_large",
                    "the header block is larger than " + IngressServer.MAX_HEADER_BYTES + " bytes");
            case TooLongFrameException tooLong -> ErrorBody.invalidRequest(431, "headers_too_large",
                    "the message's framing is larger than this server accepts");
            case null, default -> ErrorBody.invalidRequest(400, "bad_request", "the request is not valid HTTP/1.1");
        };
        sendLast(request, error);
    }
}
