package dev.sidecar.config;

import java.util.List;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;

/** Prints why the start failed, on standard error: one line, or one for each wrong setting, for people and log collectors. */
final class OneLineFailureReporter implements FailureAnalysisReporter {

    @Override
    public void report(FailureAnalysis analysis) {
        var reasons = analysis instanceof SettingsFailure settings
                ? settings.lines()
                : List.of(oneLine(analysis.getDescription())
                        + (analysis.getAction() == null ? "" : " " + oneLine(analysis.getAction())));
        reasons.forEach(reason -> System.err.println("nvidia-sidecar cannot start: " + oneLine(reason)));
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
