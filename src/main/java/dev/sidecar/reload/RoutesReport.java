package dev.sidecar.reload;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sidecar.files.RefusedEdit;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The routes in force, and the result of the latest change.
 *
 * @param generation from 1
 * @param loadedAt seconds since 1970
 * @param files the files of the generation in force
 * @param draining earlier generations that still have requests
 * @param readsEnvironment names of the environment variables that the routes read
 * @param lastError why the folder is not in force; absent when it is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RoutesReport(int generation, BigDecimal loadedAt, List<String> files, int draining,
        Set<String> readsEnvironment, @Nullable RefusedEdit lastError) {

    /** Whether the folder is in force. */
    public boolean isCurrent() {
        return lastError == null;
    }
}
