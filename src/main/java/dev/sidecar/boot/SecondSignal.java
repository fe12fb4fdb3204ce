package dev.sidecar.boot;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Ends the process at once when it is told a second time to end, by SIGTERM or SIGINT (Ctrl-C). The first time lets it end
 * in good order, as the JVM does of itself, which then ignores every further one; the exit code is 128 and the signal's
 * number both times. Thread-safe: the JVM hands over each signal on a thread of its own.
 */
public final class SecondSignal {

    private static final int KILLED_BY = 128;

    private final AtomicBoolean told = new AtomicBoolean();

    private SecondSignal() {
    }

    /** For the whole process, so only for a program of its own. Where the JVM gives no signals away, all stays as it was. */
    public static void endsAtOnce() {
        var signals = new SecondSignal();
        try {
            signals.listenTo("TERM");
            signals.listenTo("INT");
        } catch (ReflectiveOperationException e) {
            LoggerFactory.getLogger(SecondSignal.class).debug("a second signal will be ignored", e);
        }
    }

    /** By reflection, since the compiler warns of any other use of this class, in a way that cannot be switched off. */
    private void listenTo(String name) throws ReflectiveOperationException {
        var signal = Class.forName("sun.misc.Signal");
        var handler = Class.forName("sun.misc.SignalHandler");
        var number = signal.getMethod("getNumber");
        var listener = Proxy.newProxyInstance(SecondSignal.class.getClassLoader(), new Class<?>[]{handler},
                (proxy, method, received) -> end(number, received[0]));
        signal.getMethod("handle", signal, handler).invoke(null,
                signal.getConstructor(String.class).newInstance(name), listener);
    }

    private @Nullable Object end(Method number, Object signal)
            throws IllegalAccessException, InvocationTargetException {
        int exitCode = KILLED_BY + (int) number.invoke(signal);
        if (told.getAndSet(true)) {
            Runtime.getRuntime().halt(exitCode);
        }
        System.exit(exitCode); // returns never, so that this thread waits for the end
        return null;
    }
}
