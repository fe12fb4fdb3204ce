package dev.sidecar.traffic;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The provider refuses a key.
 *
 * @param status the status of the refusal: 401, 402 or 403
 * @param model the only model refused so far; null when all are refused, or the model is unknown
 * @param since when the first refusal came
 */
public record KeyRefusal(int status, @Nullable String model, Instant since) {
}
