package dev.sidecar.admin;

import dev.sidecar.http.ErrorBody;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.web.servlet.error.ErrorController;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Errors of the management port, in the shape of the proxy's errors. Thread-safe. */
@RestController
public final class ManagementErrors implements ErrorController {

    private static final int INTERNAL_ERROR = 500;

    @RequestMapping("${server.error.path:/error}")
    ResponseEntity<byte[]> error(HttpServletRequest request) {
        var status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code
                ? code
                : INTERNAL_ERROR;
        var error = switch (status) {
            case 404 -> ErrorBody.invalidRequest(status, "not_found",
                    "nothing is served here; metrics are at /metrics, Hawtio is at /hawtio");
            case 405 -> ErrorBody.invalidRequest(status, "method_not_allowed", "not supported on this path");
            default -> status < INTERNAL_ERROR
                    ? ErrorBody.invalidRequest(status, "bad_request", "the request could not be served")
                    : ErrorBody.apiError(status, "internal_error", "the sidecar failed to handle this request");
        };
        return ResponseEntity.status(status).contentType(MediaType.APPLICATION_JSON)
                .cacheControl(CacheControl.noStore()).body(error.toJson());
    }
}
