package dev.sidecar.config;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;

/** Prints why the start stopped as one line on standard error, for people and for log collectors alike. */
final class OneLineFailureReporter implements FailureAnalysisReporter {

    @Override
    public void report(FailureAnalysis analysis) {
        System.err.println(
                "nvidia-sidecar cannot start: " + analysis.getDescription().strip().replaceAll("\\s*\\R\\s*", " ")
                        + (analysis.getAction() == null
                                ? ""
                                : " " + analysis.getAction().strip().replaceAll("\\s*\\R\\s*", " ")));
    }
}
