package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.BudgetMinute;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.StartBin;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.order.WaitingRequest;
import dev.sidecar.throttle.order.WaitingRequest.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Who waits, as operators are shown it. The model of each request here is its name. */
class QueueOutlookTest {

    private static void queue(Desk desk, Priority priority, String name) {
        var admission = desk.throttle.admit(priority, null, name);
        desk.throttle.enqueue(((Admission.Queued<String>) admission).ticket(), name);
    }

    private static List<String> names(List<WaitingRequest> line) {
        return line.stream().map(WaitingRequest::model).toList();
    }

    @Test
    void nobodyWaits() {
        assertThat(new Desk(Desk.USUAL).throttle.outlook(50).first()).isEmpty();
    }

    /** Evenly paced, nothing but classes and floors decides. */
    @Property(tries = 100)
    void theOrderShownIsTheOrderServed(@ForAll long seed) {
        var random = new Random(seed);
        var desk = new Desk(Desk.settings(1 + random.nextInt(60), 1 + random.nextInt(60), Pacing.PACED),
                random.nextLong());
        int number = 0;
        for (int round = 0; round < 5; round++) {
            for (int i = random.nextInt(60); i > 0; i--) {
                queue(desk, List.of(Priority.values()).get(random.nextInt(3)), "r" + number++);
            }
            desk.runFor(Duration.ofSeconds(random.nextInt(60)));
        }
        var shown = desk.throttle.outlook(1_000).first();
        assertThat(shown).hasSize(desk.throttle.size());
        assertThat(names(desk.throttle.outlook(7).first()))
                .isEqualTo(names(shown).subList(0, Math.min(7, shown.size())));
        long now = desk.now();
        int gone = desk.left.size();
        desk.runFor(Duration.ofDays(1));
        var served = desk.left.subList(gone, desk.left.size());
        assertThat(names(shown)).isEqualTo(served.stream().map(Desk.Left::who).toList());
        long step = desk.budget.window().rule().even();
        for (int i = 0; i < shown.size(); i++) {
            assertThat(shown.get(i).start().orElseThrow().toNanos()).as("start of number %d", i)
                    .isBetween(served.get(i).at() - now - step, served.get(i).at() - now + step);
        }
    }

    @Property(tries = 100)
    void inEachClassTheLongestWaitingIsFirstAndNobodyStartsBeforeWhomHeStandsBehind(@ForAll long seed) {
        var random = new Random(seed);
        var desk = new Desk(Desk.settings(1 + random.nextInt(60), 1 + random.nextInt(80), Pacing.WINDOW),
                random.nextLong());
        for (int i = 0; i < 150; i++) {
            queue(desk, List.of(Priority.values()).get(random.nextInt(3)), "r" + i);
            if (random.nextInt(10) == 0) {
                desk.runFor(Duration.ofMillis(random.nextInt(5_000)));
            }
        }
        int most = 1 + random.nextInt(200);
        var shown = desk.throttle.outlook(most).first();
        assertThat(shown).hasSize(Math.min(most, desk.throttle.size()));
        for (var priority : Priority.values()) {
            assertThat(shown.stream().filter(one -> one.priority() == priority).map(WaitingRequest::age))
                    .isSortedAccordingTo((a, b) -> b.compareTo(a));
        }
        assertThat(shown.stream().map(one -> one.start().orElseThrow())).isSorted();
        assertThat(shown).allMatch(one -> one.tries() == 1 && one.reason() == Reason.TURN);
    }

    /** Who is not shown is counted in the second of its start. */
    @Property(tries = 100)
    void theOthersAreCountedWhereTheyWouldStand(@ForAll long seed) {
        var random = new Random(seed);
        var desk = new Desk(Desk.settings(1 + random.nextInt(300), 1 + random.nextInt(80), Pacing.WINDOW),
                random.nextLong());
        for (int i = 0; i < 250; i++) {
            queue(desk, List.of(Priority.values()).get(random.nextInt(3)), "r" + i);
        }
        int most = random.nextInt(100);
        var expected = new int[121][3];
        desk.throttle.outlook(1_000).first().stream().skip(most)
                .forEach(one -> expected[(int) Math.min(120, one.start().orElseThrow().toSeconds())][one.priority()
                        .compareTo(Priority.HIGH)]++);
        var counted = new int[121][3];
        for (var bin : desk.throttle.outlook(most).later()) {
            counted[bin.seconds()] = new int[]{bin.high(), bin.normal(), bin.low()};
        }
        assertThat(counted).isDeepEqualTo(expected);
    }

    /** Far ahead they are spread as the rate allows, and nobody is forgotten. */
    @Test
    void aLongQueueIsCountedToItsEnd() {
        var desk = new Desk(Desk.settings(600, 600, Pacing.PACED));
        for (int i = 0; i < 2_000; i++) {
            queue(desk, i % 2 == 0 ? Priority.NORMAL : Priority.LOW, "r" + i);
        }
        var later = desk.throttle.outlook(50).later();
        assertThat(later.stream().mapToInt(StartBin::normal).sum() + later.stream().mapToInt(StartBin::low).sum())
                .isEqualTo(1_950);
        assertThat(later).isSortedAccordingTo(Comparator.comparingInt(StartBin::seconds));
        assertThat(later.getLast().seconds()).isEqualTo(120);
        assertThat(later).filteredOn(bin -> bin.seconds() > 5 && bin.seconds() < 90)
                .as("ten a second, at most one more or less of each class")
                .allSatisfy(bin -> assertThat(bin.normal() + bin.low()).isBetween(7, 13));
    }

    @Test
    void whoIsHeldByItsModelIsCountedToo() {
        var desk = new Desk(Desk.PATIENT);
        queue(desk, Priority.NORMAL, "full");
        queue(desk, Priority.NORMAL, "full");
        granted(desk);
        desk.clock.advance(Duration.ofSeconds(1));
        desk.throttle.workerCapReached(granted(desk));
        for (int i = 0; i < 5; i++) {
            queue(desk, Priority.HIGH, "full");
        }
        assertThat(desk.throttle.outlook(50).first()).hasSize(5);
        assertThat(desk.throttle.outlook(2).later().stream().mapToInt(StartBin::high).sum()).isEqualTo(3);
    }

    @Test
    void eachIsShownWithTheTimeUntilItIsRefused() {
        var desk = new Desk(Desk.PATIENT);
        desk.throttle.drain();
        queue(desk, Priority.HIGH, "h");
        desk.clock.advance(Duration.ofSeconds(10));
        assertThat(desk.throttle.outlook(50).first().getFirst().deadline())
                .isEqualTo(Duration.ofDays(1).minusSeconds(10));
    }

    @Test
    void whoBacksOffStandsWhereItsBackOffEnds() {
        var desk = new Desk(Desk.settings(60, 60, Pacing.PACED));
        queue(desk, Priority.HIGH, "tried");
        var tried = granted(desk);
        for (int i = 0; i < 5; i++) {
            queue(desk, Priority.HIGH, "h" + i);
        }
        desk.clock.advance(Duration.ofMillis(500));
        var again = (Admission.Queued<String>) desk.throttle.retry(tried, Duration.ofMillis(2_500));
        desk.throttle.enqueue(again.ticket(), "tried");
        var shown = desk.throttle.outlook(50).first();
        // One a second; its own turn comes with the first of them after its back-off.
        assertThat(names(shown)).containsExactly("h0", "h1", "tried", "h2", "h3", "h4");
        var backsOff = shown.get(2);
        assertThat(backsOff.reason()).isEqualTo(Reason.BACKOFF);
        assertThat(backsOff.tries()).isEqualTo(2);
        assertThat(backsOff.age()).isEqualTo(Duration.ofMillis(500));
        assertThat(desk.throttle.snapshot().longestWait()).containsEntry(Priority.HIGH, Duration.ofMillis(500))
                .containsEntry(Priority.LOW, Duration.ZERO);
    }

    @Test
    void whoseModelIsFullComesLast() {
        var desk = new Desk(Desk.PATIENT);
        queue(desk, Priority.NORMAL, "full");
        queue(desk, Priority.NORMAL, "full");
        var runs = granted(desk);
        desk.clock.advance(Duration.ofSeconds(1));
        var refused = granted(desk);
        desk.throttle.workerCapReached(refused);
        for (int i = 0; i < 3; i++) {
            queue(desk, Priority.HIGH, "full");
            queue(desk, Priority.LOW, "free");
        }
        var shown = desk.throttle.outlook(50).first();
        assertThat(names(shown).getLast()).isEqualTo("full");
        assertThat(shown.stream().filter(one -> one.reason() == Reason.MODEL)).isNotEmpty()
                .allMatch(one -> "full".equals(one.model()));
        desk.throttle.finished(runs);
    }

    private static Ticket<String> granted(Desk desk) {
        if (desk.throttle.next() instanceof Next.Depart<String>(var departure)
                && departure.verdict() instanceof Verdict.Granted(var slot)) {
            slot.sent();
            slot.succeeded();
            return departure.ticket();
        }
        throw new AssertionError("nobody was granted a slot");
    }

    @Test
    void theTimeItTakesDoesNotGrowWithTheLine() {
        var desk = new Desk(Desk.PATIENT);
        for (int i = 0; i < 20_000; i++) {
            queue(desk, List.of(Priority.values()).get(i % 3), "m" + i % 400);
        }
        assertThat(new ArrayList<>(desk.throttle.outlook(50).first())).hasSize(50);
        assertThat(desk.throttle.outlook(50).first().getFirst().age()).isZero();
    }

    @Test
    void theMinuteIsWhatIsUsedAndWhatIsLeft() {
        var desk = new Desk(Desk.PATIENT);
        assertThat(desk.throttle.snapshot().minute())
                .isEqualTo(new BudgetMinute(40, 0, Optional.of(Duration.ZERO)));
        for (int i = 0; i < 50; i++) {
            queue(desk, Priority.HIGH, "h" + i);
        }
        desk.runFor(Duration.ofSeconds(10));
        var spent = desk.throttle.snapshot().minute();
        assertThat(spent.used()).isEqualTo(40);
        assertThat(spent.left()).isZero();
        assertThat(spent.nextSlot().orElseThrow()).isBetween(Duration.ofSeconds(49), Duration.ofSeconds(51));
        desk.runFor(Duration.ofMinutes(2));
        assertThat(desk.throttle.snapshot().minute().left()).isGreaterThanOrEqualTo(30);
    }
}
