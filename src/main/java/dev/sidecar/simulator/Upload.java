package dev.sidecar.simulator;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/files}: measures an uploaded file and drops it. */
final class Upload {

    private @Nullable String fileName;
    private long bytes;

    private Upload() {
    }

    static boolean isOne(HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        return request.method().equals(HttpMethod.POST) && request.path().equals("/v1/files") && type != null
                && type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data");
    }

    /** Call this before the first byte of the body is read. */
    static Upload of(HttpServerRequest request) {
        Upload upload = new Upload();
        request.setExpectMultipart(true);
        request.uploadHandler(part -> {
            boolean file = part.name().equals("file");
            if (file) {
                upload.fileName = part.filename();
            }
            part.handler(buffer -> upload.bytes += file ? buffer.length() : 0);
        });
        return upload;
    }

    Reply answer(@Nullable String purpose, Reply.Stamp stamp) {
        if (fileName == null) {
            throw ApiError.missing("file");
        }
        if (purpose == null || purpose.isEmpty()) {
            throw ApiError.missing("purpose");
        }
        return new Reply.Json(new JsonObject().put("id", stamp.id("file")).put("object", "file").put("bytes", bytes)
                .put("created_at", stamp.epochSecond()).put("filename", fileName).put("purpose", purpose)
                .put("status", "processed"), Usage.NONE);
    }
}
