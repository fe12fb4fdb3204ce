package dev.sidecar.reload;

import dev.sidecar.files.FileProblem;
import java.util.ArrayDeque;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Finds the place of an exception's cause in a route file, and describes the cause in one line. Stateless. */
final class RouteErrorLocator {

    /** Camel's name of the step that could not be built. */
    private static final Pattern STEP = Pattern.compile(" at: >>> (.*) <<< in route: ", Pattern.DOTALL);
    /** Camel's name of the part that it could not find, understand or set. */
    private static final List<Pattern> CULPRITS = List.of(Pattern.compile("in the registry for: (\\S+) of type"),
            Pattern.compile("Unknown parameters=\\[\\{([\\w.-]+)="), Pattern.compile("with key \\[(.+?)\\] not found"),
            Pattern.compile("could be found for: ([\\w.-]+):"), Pattern.compile("String value: (\\S+) to type"),
            Pattern.compile("Duplicate id detected: ([\\w-]+)\\."), Pattern.compile("no route begins at ([^\\s,]+)"));
    private static final int LONGEST_REASON = 500;

    private RouteErrorLocator() {
    }

    /** @param context the context that loaded the file's routes */
    static FileProblem of(RouteFile file, Throwable failure, ModelCamelContext context) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MarkedYamlEngineException marked && marked.getProblemMark().isPresent()) {
                var mark = marked.getProblemMark().get();
                return new FileProblem(file.name(), mark.getLine() + 1, mark.getColumn() + 1,
                        oneLine(marked.getProblem()));
            }
            if (cause instanceof FailedToCreateRouteException failed) {
                return at(file, line(failed, context), reason(cause));
            }
        }
        return at(file, 0, reason(failure));
    }

    /**
     * The place of the wrong word if the reason names it, otherwise the beginning of the step.
     *
     * @param step line of the step, from 1; 0 if unknown
     */
    static FileProblem at(RouteFile file, int step, String reason) {
        var lines = file.text().lines().toList();
        for (var culprit : CULPRITS) {
            var word = culprit.matcher(reason);
            if (word.find()) {
                var whole = Pattern.compile("(?<![\\w-])" + Pattern.quote(word.group(1)) + "(?![\\w-])");
                for (int i = Math.max(0, step - 1); i < lines.size(); i++) {
                    var place = whole.matcher(lines.get(i));
                    if (place.find()) {
                        return new FileProblem(file.name(), i + 1, place.start() + 1, reason);
                    }
                }
            }
        }
        var column = step == 0 ? 0 : lines.get(step - 1).length() - lines.get(step - 1).stripLeading().length() + 1;
        return new FileProblem(file.name(), step, column, reason);
    }

    private static int line(FailedToCreateRouteException failed, ModelCamelContext context) {
        var route = context.getRouteDefinition(failed.getRouteId());
        if (route == null) {
            return 0;
        }
        var step = STEP.matcher(String.valueOf(failed.getMessage()));
        if (step.find()) {
            var line = line(route, step.group(1));
            if (line > 0) {
                return line;
            }
        }
        return Math.max(0, route.getInput() == null ? 0 : route.getInput().getLineNumber());
    }

    /** Camel names the outermost step; its text contains all steps within. */
    private static int line(ProcessorDefinition<?> route, String text) {
        var steps = new ArrayDeque<ProcessorDefinition<?>>(route.getOutputs());
        while (!steps.isEmpty()) {
            var step = steps.removeFirst();
            if (text.equals(step.toString()) || text.equals(URISupport.sanitizeUri(step.toString()))) {
                return Math.max(0, step.getLineNumber());
            }
            steps.addAll(step.getOutputs());
        }
        return 0;
    }

    /** The deepest message is the cause; the outer ones only say what failed because of it. */
    static String reason(Throwable failure) {
        Throwable deepest = failure;
        for (var cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                deepest = cause;
            }
        }
        return oneLine(deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage());
    }

    private static String oneLine(@Nullable String text) {
        var line = String.valueOf(text).strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "…";
    }
}
