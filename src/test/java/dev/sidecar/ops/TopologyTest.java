package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.ops.Topology.RouteNode;
import dev.sidecar.ops.Topology.Way;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopologyTest {

    private final CamelContext camel = new DefaultCamelContext();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
    private final Topology topology = new Topology(() -> camel, nanos::get);

    @AfterEach
    void stop() {
        camel.stop();
    }

    private void routes(String yaml) throws Exception {
        PluginHelper.getRoutesLoader(camel).loadRoutes(ResourceHelper.fromString("test.camel.yaml", yaml));
    }

    private List<String> ways() {
        return topology.graph().ways().stream().map(TopologyTest::asText).toList();
    }

    private static String asText(Way way) {
        return way.from() + " " + way.kind() + " " + way.to() + ": " + way.label() + (way.hasGate() ? " |gate|" : "");
    }

    private RouteNode route(String id) {
        return topology.graph().routes().stream().filter(route -> route.id().equals(id)).findFirst().orElseThrow();
    }

    @Test
    void aWayIsLabelledByTheNoteOfItsBranchElseByTheIdOfTheBranch() throws Exception {
        routes("""
                - route:
                    id: begin
                    group: requests
                    from:
                      uri: direct:begin
                      steps:
                        - choice:
                            id: fork
                            when:
                              - id: is-post
                                note: POST
                                description: All that write.
                                simple: ${header.x}
                                steps:
                                  - to: {id: to-a, uri: direct:a}
                              - id: is-odd-one
                                simple: ${header.y}
                                steps:
                                  - to: {id: to-b, uri: direct:b}
                            otherwise:
                              id: the-rest
                              note: the rest
                              steps:
                                - to: {id: to-c, uri: direct:c, note: nobody else}
                        - to: {id: to-d, uri: direct:d}
                """ + ends("a", "b", "c", "d"));
        assertThat(ways()).containsExactly("begin FORTH a: POST", "begin FORTH b: is odd one",
                "begin FORTH c: nobody else", "begin FORTH d: null");
        assertThat(topology.graph().ways().getFirst().description()).isEqualTo("All that write.");
        assertThat(route("begin").group()).isEqualTo("requests");
    }

    private static String ends(String... names) {
        return String.join("", Stream.of(names).map(name -> """
                - route:
                    id: %1$s
                    from:
                      uri: direct:%1$s
                      steps:
                        - stop: {id: stop-%1$s}
                """.formatted(name)).toList());
    }

    @Test
    void theGateOfACircuitAndWhatIsOnlyACopyAreSeen() throws Exception {
        routes("""
                - route:
                    id: begin
                    from:
                      uri: direct:begin
                      steps:
                        - wireTap: {id: tap, uri: direct:a}
                        - circuitBreaker:
                            id: circuit
                            steps:
                              - to: {id: to-b, uri: direct:b}
                            onFallback:
                              id: fallback
                              steps:
                                - to: {id: to-c, uri: direct:c}
                """ + ends("a", "b", "c"));
        assertThat(ways()).containsExactly("begin COPY a: null", "begin FORTH b: null |gate|",
                "begin FORTH c: null |gate|");
        assertThat(route("begin").steps()).extracting(Topology.Step::id).containsExactly("tap", "circuit", "to-b",
                "fallback", "to-c");
    }

    @Test
    void anotherProgramIsTheEndOfTheMapAndItsAddressIsNotShown() throws Exception {
        routes("""
                - route:
                    id: begin
                    from:
                      uri: direct:begin
                      steps:
                        - to: {id: wire, uri: 'https://user:secret@example.com/v1?token=secret'}
                - route:
                    id: other
                    from:
                      uri: direct:other
                      steps:
                        - to: {id: count, uri: 'micrometer:counter:a'}
                """);
        assertThat(route("begin").isLast()).isTrue();
        assertThat(route("other").isLast()).isFalse();
        assertThat(topology.graph().toString()).doesNotContain("secret", "example.com");
    }

    @Test
    void furtherAttemptsAreCountedAsTheWayBackToTheQueue() throws Exception {
        BlockingQueue<Exchange> queue = new LinkedBlockingQueue<>();
        camel.getRegistry().bind("requestQueue", queue);
        camel.getRegistry().bind("readAnswer", (Processor) exchange -> {
        });
        routes("""
                - route:
                    id: throttled
                    from:
                      uri: direct:throttled
                      steps:
                        - loop:
                            id: until-answered
                            constant: 3
                            steps:
                              - to: {id: to-queue, uri: 'seda:priority?queue=#requestQueue&waitForTaskToComplete=Always'}
                - route:
                    id: queue
                    from:
                      uri: 'seda:priority?queue=#requestQueue&waitForTaskToComplete=Always&pollTimeout=20'
                      steps:
                        - to: {id: to-upstream, uri: direct:upstream}
                - route:
                    id: upstream
                    from:
                      uri: direct:upstream
                      steps:
                        - process: {id: read-answer, ref: readAnswer, note: again}
                """);
        camel.start();
        try (var client = camel.createProducerTemplate()) {
            client.requestBody("direct:throttled", "");
            client.requestBody("direct:throttled", "");
        }
        assertThat(route("queue").isQueue()).isTrue();
        assertThat(topology.graph().ways()).extracting(way -> asText(way) + " " + way.entered()).containsExactly(
                "throttled FORTH queue: null 2", "queue FORTH upstream: null 6", "upstream BACK queue: again 4");
    }

    @Test
    void whatPassedInTheLastMinuteIsToldApart() throws Exception {
        routes("""
                - route:
                    id: begin
                    from:
                      uri: direct:begin
                      steps:
                        - to: {id: to-a, uri: direct:a}
                """ + ends("a"));
        camel.start();
        try (var client = camel.createProducerTemplate()) {
            client.requestBody("direct:begin", "");
            assertThat(route("begin").lastMinute()).isEqualTo(1);
            seconds(10);
            topology.sample();
            client.requestBody("direct:begin", "");
            client.requestBody("direct:begin", "");
            seconds(51);
            topology.sample();
            assertThat(route("begin").lastMinute()).isEqualTo(2);
            assertThat(topology.graph().ways().getFirst().lastMinute()).isEqualTo(2);
            seconds(10);
            assertThat(route("begin").lastMinute()).isZero();
        }
    }

    private void seconds(long count) {
        nanos.addAndGet(count * 1_000_000_000L);
    }
}
