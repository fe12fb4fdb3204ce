package dev.sidecar.testkit;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/**
 * The virtual threads of one executor, as the JDK's own class for one thread a task keeps them. A thread dump would tell them
 * too, but beside busy virtual threads it can crash JDK 25. The build opens {@code java.util.concurrent} for this.
 */
public final class ThreadsOf {

    private ThreadsOf() {
    }

    /** The names of those that run now. */
    public static List<String> executor(ExecutorService executor) {
        try {
            var threads = executor.getClass().getDeclaredField("threads");
            threads.setAccessible(true);
            return ((Set<?>) threads.get(executor)).stream().map(each -> ((Thread) each).getName()).toList();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("not the executor of one thread a task", e);
        }
    }
}
