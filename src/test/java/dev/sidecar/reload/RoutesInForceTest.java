package dev.sidecar.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Generations come and go, whatever those throw who are told of it. */
@ProgramTest
@Timeout(60)
class RoutesInForceTest {

    @TempDir
    Path temp;

    @Test
    void aListenerThatThrowsKeepsNoGenerationFromStoppingAndNoOtherListenerFromBeingTold() {
        var told = new Told();
        var now = new AtomicLong();
        RoutesFolder.in(temp);
        try (var provider = FakeProvider.start();
                var sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + temp,
                        "sidecar.log-level=OFF")) {
            var generations = sidecar.bean(RouteGenerations.class);
            try (var inForce = new RoutesInForce(generations, List.of(new Throwing(), told), now::get,
                    Clock.systemUTC())) {
                var files = generations.folder().read();
                var first = generations.next(files, files);
                inForce.putInForce(first);
                var second = generations.next(files, files);
                inForce.putInForce(second);
                assertThat(told.inForce).containsExactly(first.context(), second.context());

                inForce.reap(); // idle since now
                now.addAndGet(RoutesInForce.IDLE_FOR_GOOD.toNanos());
                inForce.reap();
                await().until(() -> first.context().isStopped());
                assertThat(told.gone).containsExactly(first.context());
                assertThat(second.context().isStarted()).isTrue();
            }
        }
    }

    private static final class Throwing implements RoutesInForce.Listener {

        @Override
        public void inForce(CamelContext context) {
            throw new IllegalStateException("inForce");
        }

        @Override
        public void gone(CamelContext context) {
            throw new IllegalStateException("gone");
        }
    }

    private static final class Told implements RoutesInForce.Listener {

        private final List<CamelContext> inForce = new CopyOnWriteArrayList<>();
        private final List<CamelContext> gone = new CopyOnWriteArrayList<>();

        @Override
        public void inForce(CamelContext context) {
            inForce.add(context);
        }

        @Override
        public void gone(CamelContext context) {
            gone.add(context);
        }
    }
}
