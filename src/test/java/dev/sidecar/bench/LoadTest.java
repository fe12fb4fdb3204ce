package dev.sidecar.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** The benchmark's own parts against each other: without a proxy everything is right, and what is wrong is seen. */
@Isolated("looks at the time that things take, or at what all do together")
@Timeout(30)
class LoadTest {

    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(200);

    private final Faults faults = new Faults();

    @Test
    void saturatingClientsGetTheProvidersAnswer() throws IOException {
        try (MockProvider provider = new MockProvider(faults);
                SaturatingLoad load = new SaturatingLoad(provider.port(), 4, faults)) {
            load.run(SHORT);

            assertThat(load.answers()).isGreaterThan(4).isEqualTo(load.latencies().count());
            assertThat(faults.first()).isEmpty();
        }
    }

    @Test
    void pacedClientsSendAsManyRequestsAsAreDue() throws IOException {
        try (MockProvider provider = new MockProvider(faults);
                PacedLoad load = new PacedLoad(provider.port(), 4, 100, faults)) {
            load.run(SHORT);

            assertThat(load.answers()).isEqualTo(20);
            assertThat(faults.first()).isEmpty();
        }
    }

    @Test
    void streamingClientsGetEveryChunk() throws IOException {
        try (MockProvider provider = new MockProvider(faults);
                StreamingLoad load = new StreamingLoad(provider.port(), 4, faults)) {
            load.run(TimeUnit.SECONDS.toNanos(2));

            assertThat(load.answers()).isBetween(5, 12);
            assertThat(load.firstChunks().count()).isPositive();
            assertThat(load.chunkDelays().millisAt(0.5)).isPositive();
            assertThat(faults.first()).isEmpty();
        }
    }

    @Test
    void aCrowdGetsEveryChunkUntilTheProviderEndsIt() throws IOException, InterruptedException {
        byte[] body = Chat.talk(2000);
        try (MockProvider provider = new MockProvider(faults, List.of(body));
                CrowdLoad load = new CrowdLoad(provider.port(), body, faults)) {
            load.open(CrowdLoad.Kind.STREAM, 3, 1000);
            load.open(CrowdLoad.Kind.WAITING, 2, 1000);
            Thread runner = Thread.ofPlatform().start(() -> run(load));

            await().until(() -> provider.longStreams() == 3 && load.complete(CrowdLoad.Kind.WAITING) == 2);
            provider.endLongStreams();
            await().until(() -> load.complete(CrowdLoad.Kind.STREAM) == 3);
            load.leave();
            runner.join();

            assertThat(provider.longStreams()).isZero();
            assertThat(provider.longStreamChunks()).isGreaterThanOrEqualTo(6);
            assertThat(load.chunkDelays().count()).isEqualTo(provider.longStreamChunks());
            assertThat(load.wrong()).isZero();
            assertThat(faults.first()).isEmpty();
        }
    }

    private void run(CrowdLoad load) {
        try {
            load.run(TimeUnit.MINUTES.toNanos(1));
        } catch (IOException e) {
            faults.add(e.toString());
        }
    }

    @Test
    void aTalkHasTheLengthThatIsAskedFor() throws IOException {
        for (int bytes : new int[]{600, 601, 8192, 65536}) {
            assertThat(Chat.talk(bytes)).hasSize(bytes);
            assertThat(new ObjectMapper().readTree(Chat.talk(bytes)).at("/messages").isArray()).isTrue();
        }
    }

    @Test
    void viewersEventsAreCountedWhereverTheyAreCut() {
        byte[] data = Chat.bytes("retry: 3000\n\ndata: {\"a\":1}\n\n: data: {\n\ndata: {\"a\":2}\n\ndata: {");
        for (int cut = 0; cut <= data.length; cut++) {
            var viewer = new AnswerCheck.Viewer();
            viewer.bytes(data, 0, cut);
            viewer.bytes(data, cut, data.length);
            assertThat(viewer.events()).as("cut at %d", cut).isEqualTo(2);
        }
    }

    @Test
    void oneChangedByteIsAFault() throws IOException {
        byte[] changed = Chat.ANSWER.clone();
        changed[changed.length - 2] ^= 1;

        assertThat(faultOfOneAnswer(changed)).contains("not the provider's answer");
    }

    @Test
    void aRefusalIsAFault() throws IOException {
        assertThat(faultOfOneAnswer(Chat.refusal("429 Too Many Requests", "slow down"))).contains("429");
    }

    private String faultOfOneAnswer(byte[] answer) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SaturatingLoad load = new SaturatingLoad(server.getLocalPort(), 1, faults)) {
            Thread.ofVirtual().start(() -> {
                try (Socket client = server.accept()) {
                    client.getInputStream().read(new byte[1 << 14]);
                    client.getOutputStream().write(answer);
                    client.getInputStream().read(new byte[1 << 14]);
                } catch (IOException e) {
                    faults.add("test server: " + e);
                }
            });
            load.run(1);
        }
        return String.join("\n", faults.first());
    }
}
