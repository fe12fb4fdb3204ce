package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * The threads of a test, which must all end in time and without an exception. If one does not end, the failure shows the
 * deadlock, if it is one, and where each of those left is. Platform threads, because no tool sees virtual ones that wait.
 */
final class Crew implements AutoCloseable {

    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** What a thread does. */
    @FunctionalInterface
    interface Task {
        void run() throws Exception;
    }

    void start(String name, Task task) {
        Thread thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> {
            try {
                task.run();
            } catch (Exception | AssertionError e) {
                failures.add(e);
            }
        });
        threads.add(thread);
        thread.start();
    }

    void start(int count, String name, Task task) {
        for (int i = 0; i < count; i++) {
            start(name + " " + i, task);
        }
    }

    /** Whether one has failed, so that there is no use in going on. */
    boolean hasFailed() {
        return !failures.isEmpty();
    }

    /** Waits until all have ended; each is given this long. */
    void join(Duration each) throws InterruptedException {
        for (Thread thread : threads) {
            if (!thread.join(each)) {
                fail("%s does not end; failed before: %s%n%s", thread.getName(), failures, dump());
            }
        }
        assertThat(failures).isEmpty();
    }

    /** Interrupts those that are left. */
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }

    private String dump() {
        ThreadMXBean beans = ManagementFactory.getThreadMXBean();
        long[] deadlocked = beans.findDeadlockedThreads();
        String deadlock = deadlocked == null
                ? "no deadlock"
                : Arrays.stream(beans.getThreadInfo(deadlocked, true, true)).map(ThreadInfo::toString)
                        .collect(Collectors.joining("\n", "deadlock:\n", ""));
        return threads.stream().filter(Thread::isAlive)
                .map(each -> each.getName() + " " + each.getState() + Arrays.stream(each.getStackTrace())
                        .map(frame -> "\n    " + frame).collect(Collectors.joining()))
                .collect(Collectors.joining("\n", deadlock + "\n", ""));
    }
}
