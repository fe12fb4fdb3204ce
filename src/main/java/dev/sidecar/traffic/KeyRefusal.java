package dev.sidecar.traffic;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The provider refuses a key.
 *
 * @param status that says so: 401, 402 or 403
 * @param model the only one for which it was refused so far; null when it is refused for all, or the model is not known
 * @param since when the first refusal came
 */
public record KeyRefusal(int status, @Nullable String model, Instant since) {
}
