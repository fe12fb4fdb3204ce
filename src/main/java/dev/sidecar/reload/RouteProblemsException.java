package dev.sidecar.reload;

import java.util.List;
import java.util.stream.Collectors;

/** A folder of routes cannot be used. */
public final class RouteProblemsException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<RouteProblem> problems;

    /** @param problems at least one */
    RouteProblemsException(List<RouteProblem> problems) {
        super(problems.stream().map(RouteProblem::toString).collect(Collectors.joining("; ")));
        this.problems = List.copyOf(problems);
    }

    public List<RouteProblem> problems() {
        return problems;
    }
}
