package dev.sidecar.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A generation of routes that is gone leaves nothing behind. */
@ProgramTest
@Tag("slow")
@Isolated("counts what the whole process has")
class RouteReloadLeakTest {

    /** What may be left over; a leak of anything would be one each for every generation, at least. */
    private record Footprint(long threads, long mbeans, long meters, long classes, long connections, long heapBytes) {
    }

    @TempDir
    Path temp;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    @Timeout(120)
    void sixtyGenerations() throws Exception {
        run(60);
    }

    @Test
    @Tag("slow")
    @Timeout(600)
    void aThousandGenerations() throws Exception {
        run(1000);
    }

    private void run(int generations) throws Exception {
        var routes = RoutesFolder.in(temp); // not the folder that is watched: here generations come one after the other
        try (var provider = FakeProvider.start();
                var sidecar = Sidecar.inFrontOf(provider.baseUrl(), "camel.main.jmx-enabled=true")) {
            sidecar.bean(RouteReloader.class).close(); // the test does its work
            reload(sidecar, routes, 20); // classes are loaded, caches filled
            var before = footprint(sidecar, provider);
            reload(sidecar, routes, generations);
            var after = footprint(sidecar, provider);
            System.out.println(before + "\n" + after);
            assertThat(after.threads).isLessThanOrEqualTo(before.threads + 5);
            assertThat(after.mbeans).isEqualTo(before.mbeans);
            // The JVM's own come when there is something to count.
            assertThat(after.meters).isLessThanOrEqualTo(before.meters + 5);
            assertThat(after.connections).isLessThanOrEqualTo(before.connections + 2);
            assertThat(after.classes).isLessThanOrEqualTo(before.classes + generations / 2);
            assertThat(after.heapBytes - before.heapBytes).isLessThan(generations * 50_000L);
        }
    }

    /** Each with a route of another name, and a request through each of two routes. */
    private void reload(Sidecar sidecar, RoutesFolder routes, int times) throws Exception {
        var made = sidecar.bean(RouteGenerations.class);
        var inForce = sidecar.bean(RoutesInForce.class);
        for (int i = 0; i < times; i++) {
            routes.write("extra.camel.yaml", """
                    - route:
                        id: extra-%d
                        from:
                          uri: platform-http:/extra
                          steps:
                            - process:
                                ref: health
                    """.formatted(i));
            inForce.reap();
            inForce.putInForce(made.next(new RouteFolder(temp).read(), List.of()));
            assertThat(client.send(HttpRequest.newBuilder(sidecar.uri("/v1/x")).POST(BodyPublishers.ofString("{}"))
                    .build(), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            assertThat(client.send(HttpRequest.newBuilder(sidecar.uri("/extra")).build(), BodyHandlers.ofString())
                    .statusCode()).isEqualTo(200);
        }
    }

    private static Footprint footprint(Sidecar sidecar, FakeProvider provider) throws Exception {
        var inForce = sidecar.bean(RoutesInForce.class);
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            inForce.reap();
            return inForce.report().draining() == 0;
        });
        var threads = ManagementFactory.getThreadMXBean();
        var mbeans = ManagementFactory.getPlatformMBeanServer();
        await().atMost(Duration.ofSeconds(30)).until(() -> contexts() == 1);
        long heap = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            heap = Math.min(heap, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return new Footprint(threads.getThreadCount(), mbeans.getMBeanCount(),
                sidecar.bean(MeterRegistry.class).getMeters().size(),
                ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(), provider.connections(), heap);
    }

    private static long contexts() throws Exception {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("org.apache.camel:type=context,*"), null).size();
    }
}
