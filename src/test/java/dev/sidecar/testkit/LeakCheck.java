package dev.sidecar.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test after which a {@link Sidecar} of its class still holds a slot, a waiting request, a connection to the
 * provider or a thread. Fails a class that leaves a sidecar running. It does not look for buffers: it is not
 * certain when the collector tells of a lost one.
 */
final class LeakCheck implements AfterEachCallback, AfterAllCallback {

    private static final Duration SOON = Duration.ofSeconds(3);
    private static final Duration OFTEN = Duration.ofMillis(20);

    @Override
    public void afterEach(ExtensionContext test) {
        var sidecars = Sidecar.startedBy(test.getRequiredTestClass());
        Sidecar.forget(sidecars.stream().filter(Sidecar::isClosed).toList());
        sidecars.forEach(LeakCheck::assertNothingLeft);
    }

    private static void assertNothingLeft(Sidecar sidecar) {
        try {
            await().pollInSameThread().pollDelay(Duration.ZERO).pollInterval(OFTEN).atMost(SOON)
                    .until(() -> sidecar.leftovers().none());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("left behind: " + sidecar.leftovers(), e);
        }
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        var sidecars = Sidecar.startedBy(tests.getRequiredTestClass());
        Sidecar.forget(sidecars);
        sidecars.forEach(LeakCheck::assertNothingLeft);
        assertThat(sidecars).as("sidecars that run on").allMatch(Sidecar::isClosed);
    }
}
