package dev.sidecar.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of the sidecar's own errors, in the shape that OpenAI-compatible clients parse: {@code
 * {"error":{"message":"…","type":"…","param":null,"code":"…"}}}. Immutable.
 *
 * @param status HTTP status code
 * @param code the error code, for programs
 * @param type OpenAI's class of error
 * @param message for people: the limit that was hit, and until when
 * @param param the wrong field, if there is one
 */
public record ErrorBody(int status, String code, String type, String message, @Nullable String param) {

    public static final String INVALID_REQUEST = "invalid_request_error";
    public static final String RATE_LIMIT = "rate_limit_error";
    public static final String API_ERROR = "api_error";
    public static final String AUTHENTICATION = "authentication_error";
    public static final String PERMISSION = "permission_error";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** With the type that follows from the status. */
    public static ErrorBody of(int status, String code, String message) {
        var type = switch (status) {
            case 401 -> AUTHENTICATION;
            case 429 -> RATE_LIMIT;
            default -> status < 500 ? INVALID_REQUEST : API_ERROR;
        };
        return new ErrorBody(status, code, type, message, null);
    }

    public static ErrorBody invalidRequest(int status, String code, String message) {
        return new ErrorBody(status, code, INVALID_REQUEST, message, null);
    }

    public static ErrorBody rateLimit(String code, String message) {
        return new ErrorBody(429, code, RATE_LIMIT, message, null);
    }

    public static ErrorBody apiError(int status, String code, String message) {
        return new ErrorBody(status, code, API_ERROR, message, null);
    }

    public static ErrorBody permission(String code, String message) {
        return new ErrorBody(403, code, PERMISSION, message, null);
    }

    public static ErrorBody authentication(int status, String code, String message) {
        return new ErrorBody(status, code, AUTHENTICATION, message, null);
    }

    /** UTF-8 JSON. */
    public byte[] toJson() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", message);
        error.put("type", type);
        error.put("param", param);
        error.put("code", code);
        try {
            return JSON.writeValueAsBytes(Map.of("error", error));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException("strings are always JSON", e);
        }
    }
}
