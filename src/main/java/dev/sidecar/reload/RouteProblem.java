package dev.sidecar.reload;

/**
 * Why a folder of routes cannot be used.
 *
 * @param file name within the folder; empty for the folder as a whole
 * @param line from 1; 0 if unknown
 * @param column from 1; 0 if unknown
 * @param reason one line, without secrets
 */
public record RouteProblem(String file, int line, int column, String reason) {

    static RouteProblem ofFolder(String reason) {
        return new RouteProblem("", 0, 0, reason);
    }

    /** In the form of compiler messages, so that editors find the place. */
    @Override
    public String toString() {
        var place = line == 0 ? file : column == 0 ? file + ":" + line : file + ":" + line + ":" + column;
        return place.isEmpty() ? reason : place + ": " + reason;
    }
}
