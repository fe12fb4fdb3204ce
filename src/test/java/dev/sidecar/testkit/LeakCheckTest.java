package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Tests that leak fail, and those that do not are left alone. */
@ProgramTest
class LeakCheckTest {

    @Test
    void aRequestThatIsStillUnderWayFailsTheTestWithAllThatItHolds() {
        assertThat(failures(LeavesARequest.class)).singleElement().asString()
                .contains("1 open slots", "a leased connection", "threads [request-").doesNotContain("waiting");
    }

    @Test
    void aRequestThatStillWaitsFailsTheTest() {
        assertThat(failures(LeavesAWaitingRequest.class)).singleElement().asString().contains("1 waiting requests");
    }

    @Test
    void aSidecarThatRunsOnFailsTheClass() {
        assertThat(failures(LeavesASidecar.class)).singleElement().asString().contains("sidecars that run on");
    }

    @Test
    void whatIsOverInAMomentFailsNothing() {
        assertThat(failures(LeavesNothing.class)).isEmpty();
    }

    /** What the tests of this class failed with. */
    private static List<String> failures(Class<?> testClass) {
        return EngineTestKit.engine("junit-jupiter").selectors(selectClass(testClass)).execute().allEvents().finished()
                .stream().map(LeakCheckTest::failure).filter(failure -> !failure.isEmpty()).toList();
    }

    private static String failure(Event finished) {
        var result = finished.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class);
        return result.getStatus() == Status.SUCCESSFUL ? "" : result.getThrowable().orElseThrow().toString();
    }

    /** A sidecar in front of a provider that never answers below /v1/silent, and the clients that wait for it. */
    abstract static class Fixture {

        static final List<WireClient> CLIENTS = new ArrayList<>();
        static FakeProvider provider;
        static Sidecar sidecar;

        @BeforeAll
        static void start() {
            provider = FakeProvider.start(request -> request.path().equals("/v1/silent")
                    ? new Answer.Silent()
                    : Answer.chat("Hello"));
            sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.rate-rpm=1", "sidecar.bucket-capacity=1");
        }

        static void leaveRequest() throws IOException {
            var client = WireClient.to(sidecar.port());
            CLIENTS.add(client);
            client.send("POST", "/v1/silent", "{}".getBytes(UTF_8));
        }

        @AfterAll
        static void stop() {
            CLIENTS.forEach(WireClient::close);
            CLIENTS.clear();
            sidecar.close();
            provider.close();
        }
    }

    @ProgramTest
    static class LeavesARequest extends Fixture {

        @Test
        void leaves() throws IOException {
            leaveRequest();
            await().until(() -> provider.active() == 1);
        }
    }

    @ProgramTest
    static class LeavesAWaitingRequest extends Fixture {

        @Test
        void leaves() throws IOException {
            WireClient.exchange(sidecar.port(), "POST", "/v1/served", "{}".getBytes(UTF_8));
            leaveRequest();
            await().until(() -> sidecar.throttle().size() == 1);
        }
    }

    @ProgramTest
    static class LeavesNothing extends Fixture {

        @Test
        void leavesNothing() throws IOException {
            WireClient.exchange(sidecar.port(), "POST", "/v1/served", "{}".getBytes(UTF_8));
            assertThat(provider.requests()).hasSize(1);
        }
    }

    @ProgramTest
    static class LeavesASidecar {

        @Test
        void leaves() {
            assertThat(Sidecar.inFrontOf("http://127.0.0.1:9/v1").port()).isPositive();
        }
    }
}
