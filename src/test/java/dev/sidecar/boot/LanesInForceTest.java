package dev.sidecar.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That settings and providers which change at the same time both come into force. */
@Timeout(20)
class LanesInForceTest {

    private static final ThrottleSettings SETTINGS = new ThrottleSettings(40, 40, Pacing.WINDOW, 10,
            Duration.ofMinutes(1), Duration.ofMinutes(1), false);

    private final ProvidersInForce inForce = new ProvidersInForce(providers("old", 40));
    private final Throttle<String> throttle = new Throttle<>(SETTINGS,
            ThrottleConfiguration.lanes(inForce.get(), SETTINGS), System::nanoTime);

    private static Providers providers(String name, int rate) {
        return Providers.single(name, new UpstreamAddress("https://p"), null, rate, 0);
    }

    @Test
    void newSettingsAreNotReplacedByThoseThatAChangeOfTheProvidersSawBefore() throws InterruptedException {
        var lanes = new LanesInForce(inForce, true, () -> throttle);
        var paced = new ThrottleSettings(40, 40, Pacing.PACED, 10, Duration.ofMinutes(1), Duration.ofMinutes(1),
                false);
        var other = new Thread(() -> lanes.settings(paced));
        lanes.providers(providers("new", 70), () -> {
            other.start();
            await().until(() -> other.getState() == Thread.State.WAITING || !other.isAlive());
            return SETTINGS;
        });
        other.join();
        assertThat(throttle.snapshot().keys()).singleElement().satisfies(key -> {
            assertThat(key.name()).isEqualTo("new");
            assertThat(key.retreat().baseRpm()).isEqualTo(70);
            assertThat(key.retreat().pacing()).isEqualTo(Pacing.PACED);
        });
    }

    @Test
    void theOneKeyOfTheSettingsKeepsItsBudget() {
        new LanesInForce(inForce, false, () -> throttle).settings(new ThrottleSettings(50, 40, Pacing.WINDOW, 10,
                Duration.ofMinutes(1), Duration.ofMinutes(1), false));
        assertThat(throttle.snapshot().keys()).singleElement().satisfies(key -> {
            assertThat(key.name()).isEqualTo("old");
            assertThat(key.retreat().baseRpm()).isEqualTo(50);
        });
    }
}
