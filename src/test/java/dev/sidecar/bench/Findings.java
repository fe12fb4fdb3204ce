package dev.sidecar.bench;

import java.util.List;

/**
 * What came out of a measurement that stands by itself.
 *
 * @param conditions under which it was measured, one sentence each
 * @param details for the file only: one record an interval or a sample
 */
record Findings(String title, List<String> conditions, List<Finding> figures, List<?> details) {

    Findings {
        conditions = List.copyOf(conditions);
        figures = List.copyOf(figures);
        details = List.copyOf(details);
    }
}
