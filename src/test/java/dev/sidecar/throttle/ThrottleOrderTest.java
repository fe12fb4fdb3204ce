package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.PATIENT;
import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.LOW;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Ticket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThrottleOrderTest {

    @Test
    void theHighestClassGoesFirstAndInAClassTheLongestWaiting() {
        var desk = new Desk(PATIENT);
        desk.queue(LOW, "l", 2);
        desk.queue(NORMAL, "n", 2);
        desk.queue(HIGH, "h", 2);
        desk.runFor(Duration.ofSeconds(10));
        assertThat(desk.names()).containsExactly("h0", "h1", "n0", "n1", "l0", "l1");
    }

    @Test
    void aHighThatComesAfterTwoHundredLowIsTheNextToBeSent() {
        var desk = new Desk(PATIENT);
        desk.queue(LOW, "l", 200);
        desk.runFor(Duration.ofSeconds(90));
        int before = desk.left.size();
        desk.queue(HIGH, "h");
        desk.runFor(Duration.ofSeconds(4));
        assertThat(desk.names().get(before)).isEqualTo("h");
        assertThat(desk.left.get(before).at()).isLessThan(90 * SECOND + 1600 * MILLI);
    }

    @Test
    void aTicketWithoutPayloadKeepsItsPlaceButIsSkipped() {
        var desk = new Desk(PATIENT);
        Ticket<String> first = desk.place(NORMAL, null);
        desk.queue(NORMAL, "second");
        desk.runUntil(0);
        assertThat(desk.names()).containsExactly("second");
        desk.queue(NORMAL, "third");
        desk.throttle.enqueue(first, "first");
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.names()).containsExactly("second", "first", "third");
    }

    @Test
    void underAFloodOfHighNormalGetsEveryTenthSlotAndLowEveryTwentieth() {
        var desk = new Desk(PATIENT);
        desk.queue(HIGH, "h", 400);
        desk.queue(NORMAL, "n", 400);
        desk.queue(LOW, "l", 400);
        desk.runFor(Duration.ofMinutes(7));
        List<String> sent = desk.names().subList(0, 240);
        assertThat(sent.stream().filter(s -> s.startsWith("n")).count()).isBetween(23L, 25L);
        assertThat(sent.stream().filter(s -> s.startsWith("l")).count()).isBetween(11L, 13L);
    }

    /** The first window is promised to those who come while nobody knows that more will: so it takes two to find the pace. */
    @Test
    void underLastingOverloadNoHighMeetsAnEmptyMinute() {
        var desk = new Desk(Desk.USUAL);
        for (int second = 0; second < 600; second++) {
            for (int i = 0; i < 3; i++) {
                if (desk.admit(NORMAL) instanceof Admission.Queued<String>(var ticket, var _, var _)) {
                    desk.throttle.enqueue(ticket, "n");
                }
            }
            if (second >= 180 && second % 10 == 0) {
                desk.queue(HIGH, "h" + second);
            }
            desk.runFor(Duration.ofSeconds(1));
        }
        var high = desk.left.stream().filter(l -> l.who().startsWith("h")).toList();
        assertThat(high).hasSize(42).allMatch(Desk.Left::granted);
        List<Long> waits = high.stream().map(l -> l.at() - Long.parseLong(l.who().substring(1)) * SECOND).sorted()
                .toList();
        assertThat(waits.get(waits.size() / 2)).isLessThan(SECOND);
        assertThat(waits.getLast()).isLessThan(12 * SECOND);
    }

    @Test
    void aBacklogThatJustFitsTheFreshWindowLeavesRoomForTheHighsThatFollow() {
        var desk = new Desk(Desk.PATIENT);
        desk.queue(NORMAL, "n", 78);
        desk.runUntil(65 * SECOND);
        for (int second = 65; second < 120; second += 10) {
            desk.queue(HIGH, "h" + second);
            desk.runFor(Duration.ofSeconds(10));
        }
        assertThat(desk.left.stream().filter(l -> l.who().startsWith("h"))).hasSize(6).allSatisfy(
                l -> assertThat(l.at() - Long.parseLong(l.who().substring(1)) * SECOND).isLessThan(2 * SECOND));
    }

    @Test
    void withoutLowNormalKeepsItsTenth() {
        var desk = new Desk(PATIENT);
        desk.queue(HIGH, "h", 400);
        desk.queue(NORMAL, "n", 400);
        desk.runFor(Duration.ofMinutes(4));
        assertThat(desk.names().subList(0, 100).stream().filter(s -> s.startsWith("n")).count()).isEqualTo(10);
    }
}
