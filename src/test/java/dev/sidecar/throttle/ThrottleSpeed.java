package dev.sidecar.throttle;

import dev.sidecar.state.StateFolder;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.quota.RequestLimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much processor time an admission and a grant take in one throttle and one thread, with clients and without; run by
 * hand, not a test. The scenes take turns, and each row is the median of its rounds.
 */
final class ThrottleSpeed {

    private static final int ROUNDS = 31;
    private static final int CYCLES = 50_000;
    private static final List<ClientPolicy> CLIENTS = clients(List.of());
    /** With a limit that holds back nobody. */
    private static final List<ClientPolicy> LIMITED = clients(
            List.of(new RequestLimit(1_000_000_000, Duration.ofMinutes(1))));
    /** Each send in the file of a folder of state. */
    private static final String WRITTEN = "no file, a state folder";
    private static final List<Scene> SCENES = List.of(
            new Scene("no file", List.of(), 1, 0), new Scene("no file", List.of(), 1, 1000),
            new Scene(WRITTEN, List.of(), 1, 0), new Scene(WRITTEN, List.of(), 1, 1000),
            new Scene("1,000 clients, one calls", CLIENTS, 1, 0),
            new Scene("1,000 clients, one calls", CLIENTS, 1, 1000),
            new Scene("1,000 with a limit, one calls", LIMITED, 1, 0),
            new Scene("1,000 with a limit, one calls", LIMITED, 1, 1000),
            new Scene("1,000 clients in turn", CLIENTS, 1000, 0),
            new Scene("500 clients in turn", CLIENTS, 500, 500),
            new Scene("1,000 clients in turn", CLIENTS, 1000, 1000));

    /**
     * A load.
     *
     * @param file the clients of the file
     * @param callers how many of them call, in turn
     * @param waiting how many requests wait behind, so that the queue is as deep as it would be under load
     */
    private record Scene(String name, List<ClientPolicy> file, int callers, int waiting) {

        ClientPolicy caller(int i) {
            return file.isEmpty() ? ClientPolicy.ANONYMOUS : file.get(i % callers);
        }
    }

    private ThrottleSpeed() {
    }

    public static void main(String[] args) {
        var nanos = new double[SCENES.size()][ROUNDS];
        SCENES.forEach(ThrottleSpeed::run); // warms up
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < SCENES.size(); i++) {
                nanos[i][round] = run(SCENES.get(i));
            }
        }
        for (int i = 0; i < SCENES.size(); i++) {
            Arrays.sort(nanos[i]);
            System.out.printf("%-30s %6d waiting: %6.0f ns a request, best %.0f%n", SCENES.get(i).name(),
                    SCENES.get(i).waiting(), nanos[i][ROUNDS / 2], nanos[i][0]);
        }
    }

    private static List<ClientPolicy> clients(List<RequestLimit> limits) {
        return IntStream.range(0, 1000)
                .mapToObj(i -> new ClientPolicy("team-" + i, 1 + i % 4, limits, List.of(), 0, 0)).toList();
    }

    /** The processor time of a request, in nanoseconds. */
    private static double run(Scene scene) {
        var settings = new ThrottleSettings(1_000_000, 1_000_000, Pacing.WINDOW, 1_000_000, Duration.ofDays(1),
                Duration.ofDays(1), false);
        var clock = new VirtualClock(0);
        var throttle = scene.name().equals(WRITTEN) ? written(settings, clock) : new Throttle<String>(settings, clock);
        throttle.clients(scene.file());
        for (int i = 0; i < scene.waiting(); i++) {
            admit(throttle, scene.caller(i));
        }
        var thread = ManagementFactory.getThreadMXBean();
        long began = thread.getCurrentThreadCpuTime();
        for (int i = 0; i < CYCLES; i++) {
            admit(throttle, scene.caller(i));
            while (!(throttle
                    .next() instanceof Next.Depart<String>(Departure<String>(var ticket, var _, var verdict, var _)))
                    || !(verdict instanceof Verdict.Granted(var slot)) || !finish(throttle, ticket, slot)) {
                clock.advance(61_000);
            }
            clock.advance(61_000);
        }
        return (thread.getCurrentThreadCpuTime() - began) / (double) CYCLES;
    }

    private static Throttle<String> written(ThrottleSettings settings, VirtualClock clock) {
        try {
            var state = StateFolder.open(Files.createTempDirectory("state"), clock, InstantSource.system());
            var throttle = new Throttle<String>(settings, List.of(LaneSettings.of(settings.budget())), state.ledger(),
                    clock);
            state.takeOver(throttle);
            return throttle;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void admit(Throttle<String> throttle, ClientPolicy client) {
        if (throttle.admit(Priority.NORMAL, null, null,
                client) instanceof Admission.Queued<String>(var ticket, var _, var _)) {
            throttle.enqueue(ticket, "payload");
        }
    }

    private static boolean finish(Throttle<String> throttle, Ticket<String> ticket, Slot slot) {
        slot.sent();
        boolean ended = slot.succeeded();
        throttle.finished(ticket);
        return ended;
    }
}
