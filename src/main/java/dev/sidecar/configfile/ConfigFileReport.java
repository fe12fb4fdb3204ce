package dev.sidecar.configfile;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sidecar.files.RefusedEdit;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The file in force, and the result of the latest change.
 *
 * @param file its name, without the folder
 * @param loadedAt seconds since 1970
 * @param clients how many it has, without the anonymous one
 * @param providers how many it has; 0 where the settings name one
 * @param keys how many these have
 * @param lastError why the file as it is now is not in force; absent when it is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ConfigFileReport(String file, BigDecimal loadedAt, int clients, int providers, int keys,
        @Nullable RefusedEdit lastError) {

    /** Whether the file is in force as it is. */
    public boolean isCurrent() {
        return lastError == null;
    }
}
