package dev.sidecar.files;

/**
 * Why a file, or a folder of files, cannot be used.
 *
 * @param file its name; empty for the folder as a whole, or a file that is not there
 * @param line from 1; 0 if unknown
 * @param column from 1; 0 if unknown
 * @param reason one line, without secrets
 */
public record FileProblem(String file, int line, int column, String reason) {

    /** A problem of the folder as a whole. */
    public static FileProblem ofFolder(String reason) {
        return new FileProblem("", 0, 0, reason);
    }

    /** A problem of the file as a whole. */
    public static FileProblem ofFile(String file, String reason) {
        return new FileProblem(file, 0, 0, reason);
    }

    /** In the form of compiler messages, so that editors find the place. */
    @Override
    public String toString() {
        var place = line == 0 ? file : column == 0 ? file + ":" + line : file + ":" + line + ":" + column;
        return place.isEmpty() ? reason : place + ": " + reason;
    }
}
