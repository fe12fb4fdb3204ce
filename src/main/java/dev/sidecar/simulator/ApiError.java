package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.ProviderLimit;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** A refusal in OpenAI's error shape; every message names the refused value and the allowed ones. */
final class ApiError extends RuntimeException {

    private final int status;
    private final String type;
    private final @Nullable String param;
    private final @Nullable Object code;

    private ApiError(int status, String type, @Nullable String param, @Nullable Object code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
    }

    static ApiError unreadable() {
        return new ApiError(400, "invalid_request_error", null, null, "The body of your request could not be read.");
    }

    static ApiError invalidJson(String detail) {
        return new ApiError(400, "invalid_request_error", null, null,
                "We could not parse the JSON body of your request: " + detail);
    }

    static ApiError notMultipart() {
        return new ApiError(400, "invalid_request_error", null, null,
                "An upload must have the content type multipart/form-data and a boundary.");
    }

    static ApiError missing(String param) {
        return new ApiError(400, "invalid_request_error", param, "missing_required_parameter",
                "Missing required parameter: '" + param + "'.");
    }

    static ApiError wrongType(String param, String expected) {
        return new ApiError(400, "invalid_request_error", param, "invalid_type",
                "Invalid type for '" + param + "': expected " + expected + ".");
    }

    static ApiError wrongValue(String param, @Nullable Object value, String allowed) {
        return new ApiError(400, "invalid_request_error", param, "invalid_value",
                "Invalid value for '" + param + "': " + value + ". Allowed: " + allowed + ".");
    }

    static ApiError unknownUrl(String method, String path) {
        return new ApiError(404, "invalid_request_error", null, "unknown_url",
                "Unknown request URL: " + method + " " + path + ".");
    }

    static ApiError unknownModel(String model) {
        return new ApiError(404, "invalid_request_error", "model", "model_not_found",
                "The model '" + model + "' does not exist.");
    }

    static ApiError unknownKey() {
        return new ApiError(401, "invalid_request_error", null, "invalid_api_key", "Incorrect API key provided.");
    }

    static ApiError withoutCredit() {
        return new ApiError(402, "insufficient_quota", null, "insufficient_quota",
                "The account of this API key has no credit left.");
    }

    static ApiError forbiddenModel(String model) {
        return new ApiError(403, "invalid_request_error", "model", "model_not_allowed",
                "This API key may not use the model '" + model + "'.");
    }

    static ApiError rateLimited(int limit) {
        return new ApiError(429, "requests", null, "rate_limit_exceeded",
                "Rate limit reached: " + limit + " requests a minute. Please try again later.");
    }

    /** In OpenAI's words. */
    static ApiError tokensLimited(String model, int limit, long used, long requested, String again) {
        return new ApiError(429, "tokens", null, "rate_limit_exceeded",
                "Rate limit reached for " + model + " on tokens per min (TPM): Limit " + limit + ", Used " + used
                        + ", Requested " + requested + ". Please try again " + again + ".");
    }

    /** In NVIDIA's form: the status is the code, and its name is the type. */
    static ApiError workersBusy(ProviderLimit.Decision.WorkersBusy busy, int status) {
        String type = HttpResponseStatus.valueOf(status).reasonPhrase();
        return new ApiError(status, type, null, status, busy.message());
    }

    static ApiError internal() {
        return new ApiError(500, "server_error", null, null, "The simulated provider failed on this request.");
    }

    int status() {
        return status;
    }

    JsonObject toJson() {
        return new JsonObject().put("error",
                new JsonObject().put("message", getMessage()).put("type", type).put("param", param).put("code", code));
    }
}
