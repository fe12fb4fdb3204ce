package dev.sidecar.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.Sidecar;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Who waits longest in the highest class goes next, as the provider sees it. What one test sends counts against the
 * limit of the next for a minute, so that those with low limits come first.
 */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OrderTest {

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static HttpClient http;

    @BeforeAll
    static void start() throws Exception {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl() + "/");
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var warmUp = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 100; i++) {
            warmUp.add(post("/v1/warm-up", "normal"));
        }
        assertAnswered(warmUp);
    }

    @AfterAll
    static void stop() {
        http.close();
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    @AfterEach
    void openAgain() {
        Limits.open(sidecar);
    }

    private static CompletableFuture<HttpResponse<String>> post(String path, String priority) {
        return http.sendAsync(HttpRequest.newBuilder(sidecar.uri(path)).header("X-Priority", priority)
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString("{\"model\":\"m\"}")).build(),
                BodyHandlers.ofString());
    }

    /** Returns when the request has its place in the line. */
    private static CompletableFuture<HttpResponse<String>> enqueue(String path, String priority) {
        long places = sidecar.throttle().snapshot().totalEnqueued();
        var answer = post(path, priority);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        // Asked in this order, since one that gets its slot soon may be answered between the two questions.
        for (boolean done = false; sidecar.throttle().snapshot().totalEnqueued() == places; done = answer.isDone()) {
            assertThat(done).as("answered without a place in the line").isFalse();
            assertThat(System.nanoTime()).as("time to queue up").isLessThan(deadline);
            Thread.onSpinWait();
        }
        return answer;
    }

    private static void assertAnswered(List<CompletableFuture<HttpResponse<String>>> answers) throws Exception {
        for (var answer : answers) {
            assertThat(answer.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    private static List<String> arrivalsSince(int before) {
        return provider.requests().stream().skip(before).sorted(Comparator.comparingLong(RecordedRequest::headNanos))
                .map(RecordedRequest::path).toList();
    }

    @Test
    @Order(1)
    void aHighRequestBehindTwoHundredLowOnesIsTheNextToBeSent() throws Exception {
        // Where the next slot decides, the slots are too far apart for a hitch of the machine to turn two arrivals round.
        var deciding = Limits.limit(600, 1); // one every 100 ms
        var flood = Limits.limit(2400, 1); // one every 25 ms
        Limits.close(sidecar, 250);
        int before = provider.requests().size();
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 200; i++) {
            answers.add(enqueue("/v1/low/" + i, "low"));
        }
        answers.add(enqueue("/v1/high/first", "high"));
        sidecar.throttle().reconfigure(deciding);
        provider.awaitRequests(before + 1, Duration.ofSeconds(10));

        // In the middle of the flood, too: between its place in the line and its arrival only one may be under way.
        sidecar.throttle().reconfigure(flood);
        provider.awaitRequests(before + 50, Duration.ofSeconds(10));
        sidecar.throttle().reconfigure(deciding);
        answers.add(enqueue("/v1/high/second", "high"));
        int atEnqueue = provider.requests().size() - before;
        provider.awaitRequests(before + atEnqueue + 2, Duration.ofSeconds(10));
        sidecar.throttle().reconfigure(flood);
        assertAnswered(answers);

        var arrived = arrivalsSince(before);
        assertThat(arrived).hasSize(202);
        assertThat(arrived.getFirst()).isEqualTo("/v1/high/first");
        assertThat(arrived.indexOf("/v1/high/second")).isLessThanOrEqualTo(atEnqueue + 1);
        var low = arrived.stream().filter(path -> path.startsWith("/v1/low/"))
                .map(path -> Integer.parseInt(path.substring(8))).toList();
        assertInOrder(low, 10, 4);
    }

    /**
     * The places that they should have come in, in the order of arrival. On a busy machine a request may be held up between
     * its slot and its arrival, and a few others pass it; a wrong decision shows in far more places, or farther away.
     */
    private static void assertInOrder(List<Integer> places, int stragglers, int farthest) {
        assertThat(places.size() - longestAscending(places)).as("stragglers").isLessThanOrEqualTo(stragglers);
        for (int i = 0; i < places.size(); i++) {
            assertThat(Math.abs(places.get(i) - i)).as("how far the one of place " + places.get(i) + " is from it")
                    .isLessThanOrEqualTo(farthest);
        }
    }

    private enum Kind {
        high, normal, low
    }

    /** The rule in the plainest words: each slot to the highest class, but every 10th to normal, every 20th to low. */
    private static List<String> expectedOrder(Map<Kind, Deque<String>> line) {
        var order = new ArrayList<String>();
        var credit = new EnumMap<Kind, Integer>(Map.of(Kind.high, 0, Kind.normal, 0, Kind.low, 0));
        while (line.values().stream().anyMatch(kind -> !kind.isEmpty())) {
            var waiting = line.entrySet().stream().filter(e -> !e.getValue().isEmpty()).map(Map.Entry::getKey)
                    .sorted().toList();
            waiting.forEach(
                    kind -> credit.merge(kind, kind == Kind.normal ? 2 : kind == Kind.low ? 1 : 0, Integer::sum));
            var due = waiting.stream().filter(kind -> credit.getOrDefault(kind, 0) >= 20)
                    .max(Comparator.<Kind>comparingInt(kind -> credit.getOrDefault(kind, 0))
                            .thenComparing(Comparator.reverseOrder()));
            var next = due.orElse(waiting.getFirst());
            credit.merge(next, -20, (have, cost) -> Math.max(0, have + cost));
            var itsLine = line.computeIfAbsent(next, _ -> new ArrayDeque<>());
            order.add(itsLine.removeFirst());
            if (itsLine.isEmpty()) {
                credit.put(next, 0);
            }
        }
        return order;
    }

    @Test
    @Order(3)
    void aThousandMixedRequestsArriveInTheOrderOfTheRules() throws Exception {
        Limits.close(sidecar, 1000);
        int before = provider.requests().size();
        var random = new Random(42);
        var line = new EnumMap<Kind, Deque<String>>(Kind.class);
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 1000; i++) {
            var kind = Kind.values()[random.nextInt(3)];
            var path = "/v1/mixed/" + kind + "/" + i;
            answers.add(enqueue(path, kind.name()));
            line.computeIfAbsent(kind, _ -> new ArrayDeque<>()).add(path);
        }
        assertThat(provider.requests()).as("nothing was sent yet").hasSize(before);
        sidecar.throttle().reconfigure(Limits.limit(15_000, 1)); // one every 4 ms
        assertAnswered(answers);

        var expected = expectedOrder(line);
        var arrived = arrivalsSince(before);
        assertThat(arrived).containsExactlyInAnyOrderElementsOf(expected);
        var place = new HashMap<String, Integer>();
        expected.forEach(path -> place.put(path, place.size()));
        assertInOrder(arrived.stream().map(path -> place.getOrDefault(path, -1)).toList(), 50, 40);
    }

    /** Length of the longest subsequence that ascends: how many are in order. */
    private static int longestAscending(List<Integer> numbers) {
        var smallestEnd = new TreeSet<Integer>();
        for (var number : numbers) {
            var replaced = smallestEnd.ceiling(number);
            if (replaced != null) {
                smallestEnd.remove(replaced);
            }
            smallestEnd.add(number);
        }
        return smallestEnd.size();
    }

    @Test
    @Order(2)
    void highAndLowAloneShareByTheFloorOfOneInTwenty() throws Exception {
        Limits.close(sidecar, 1000);
        int before = provider.requests().size();
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 100; i++) {
            answers.add(enqueue("/v1/share/low", "low"));
            answers.add(enqueue("/v1/share/high", "high"));
        }
        sidecar.throttle().reconfigure(Limits.limit(4000, 1)); // one every 15 ms
        assertAnswered(answers);
        var arrived = arrivalsSince(before);
        // 100 high ones and, on every 20th place among them, a low one.
        assertThat(Collections.frequency(arrived.subList(0, 100), "/v1/share/low")).isBetween(4, 6);
        assertThat(Collections.frequency(arrived.subList(0, 19), "/v1/share/low")).isZero();
        assertThat(arrived.subList(106, 200)).containsOnly("/v1/share/low");
    }

    @Test
    @Order(4)
    void aThousandRequestsThinkForFiveSecondsSideBySide() throws Exception {
        provider.script(request -> Answer.chat("Hello").after(Duration.ofSeconds(5)));
        try {
            long began = System.nanoTime();
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 1000; i++) {
                answers.add(post("/v1/side-by-side", "normal"));
            }
            assertAnswered(answers);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(7));
            assertThat(provider.mostActive()).isGreaterThanOrEqualTo(900);
        } finally {
            provider.script(request -> Answer.chat("Hello"));
        }
    }
}
