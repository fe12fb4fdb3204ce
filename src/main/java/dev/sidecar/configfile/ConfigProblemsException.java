package dev.sidecar.configfile;

import dev.sidecar.files.FileProblem;
import java.util.List;
import java.util.stream.Collectors;

/** The file cannot be used. */
public final class ConfigProblemsException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<FileProblem> problems;

    /** @param problems at least one */
    ConfigProblemsException(List<FileProblem> problems) {
        super(problems.stream().map(FileProblem::toString).collect(Collectors.joining("; ")));
        this.problems = List.copyOf(problems);
    }

    public List<FileProblem> problems() {
        return problems;
    }
}
