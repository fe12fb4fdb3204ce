package dev.sidecar.reload;

import dev.sidecar.files.FileProblem;
import java.util.List;
import java.util.stream.Collectors;

/** A folder of routes cannot be used. */
public final class RouteProblemsException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<FileProblem> problems;

    /** @param problems at least one */
    RouteProblemsException(List<FileProblem> problems) {
        super(problems.stream().map(FileProblem::toString).collect(Collectors.joining("; ")));
        this.problems = List.copyOf(problems);
    }

    public List<FileProblem> problems() {
        return problems;
    }
}
