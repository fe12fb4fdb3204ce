package dev.sidecar.boot;

/**
 * Where {@code java -jar} begins. Compiled for Java 17, so that a Java that is too old for all the rest says so in one line
 * instead of a stack trace. Knows the rest by name only.
 */
public final class Launcher {

    private static final int NEEDED = 25;
    private static final String PROGRAM = "dev.sidecar.SidecarApplication";

    private Launcher() {
    }

    public static void main(String[] args) throws ReflectiveOperationException {
        if (Runtime.version().feature() < NEEDED) {
            System.err.println("nvidia-sidecar cannot start: it needs Java " + NEEDED + " or later, this is Java "
                    + Runtime.version().feature() + " (" + System.getProperty("java.home") + ")");
            System.exit(1);
        }
        Class.forName(PROGRAM).getMethod("main", String[].class).invoke(null, (Object) args);
    }
}
