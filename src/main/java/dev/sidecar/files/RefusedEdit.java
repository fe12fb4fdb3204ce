package dev.sidecar.files;

import dev.sidecar.http.UnixTime;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * A change that was refused.
 *
 * @param at seconds since 1970
 * @param problems at least one
 */
public record RefusedEdit(BigDecimal at, List<FileProblem> problems) {

    public static RefusedEdit at(Instant time, List<FileProblem> problems) {
        return new RefusedEdit(UnixTime.seconds(time), List.copyOf(problems));
    }
}
