package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sidecar.traffic.RefusalTable;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one kind that the sidecar refused in the last hour.
 *
 * @param reason the code of the error response
 * @param model absent if unknown; {@code other} for all that have no row of their own
 * @param lastSeconds since the latest of them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Refused(String reason, String priority, @Nullable String model, long count, double lastSeconds) {

    static Refused of(RefusalTable.Row row) {
        return new Refused(row.reason().code(), row.priority().label(), row.model(), row.count(),
                Figures.seconds(row.last()));
    }
}
