package dev.sidecar.reload;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in one line why the program cannot start with the routes it finds. */
final class RouteProblemsAnalyzer extends AbstractFailureAnalyzer<RouteProblemsException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, RouteProblemsException cause) {
        return new FailureAnalysis("the routes cannot be used: " + cause.getMessage(), null, cause);
    }
}
