package dev.sidecar.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Import;

@Timeout(20)
class DemoConfigurationTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withBean(Vertx.class, Vertx::vertx, bean -> bean.setDestroyMethodName("close"))
            .withUserConfiguration(Demo.class);

    @Test
    void runsTheProviderUnderItsProfileWithTheUsualSettings() {
        application.withPropertyValues("spring.profiles.active=demo").run(context -> {
            assertThat(context.getBean("demoProvider", DemoProvider.class).baseUrl())
                    .matches("http://127\\.0\\.0\\.1:[1-9][0-9]*");
            assertThat(context.getBean(DemoSettings.class))
                    .isEqualTo(new DemoSettings(0, 40, Duration.ofMillis(300), Duration.ofMillis(30), 40));
        });
    }

    @Test
    void runsNothingOtherwise() {
        application.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(DemoProvider.class));
    }

    @Test
    void namesTheSettingThatCannotBe() {
        application.withPropertyValues("sidecar.demo.limit=0").run(context -> assertThat(context).getFailure()
                .rootCause().hasMessage("sidecar.demo.limit must be between 1 and 1000000, got 0"));
        application.withPropertyValues("sidecar.demo.token-pace=-1s").run(context -> assertThat(context).getFailure()
                .rootCause().hasMessageStartingWith("sidecar.demo.token-pace must be between 0 and 10 minutes"));
    }

    @Test
    void everyChoiceNamesWhatItMayBe() {
        assertFailure("sidecar.demo.shape=leaky", "sidecar.demo.shape must be one of [sliding-log, strict-sliding-log, "
                + "fixed-window, first-hit-window, sliding-counter, token-bucket, token-bucket-7, token-bucket-2, "
                + "sub-window, moving], got leaky");
        assertFailure("sidecar.demo.retry-after=minutes", "sidecar.demo.retry-after must be one of "
                + "[seconds, http-date, retry-after-ms, none, absurd], got minutes");
        assertFailure("sidecar.demo.worker-cap=-1", "sidecar.demo.worker-cap must be between 0 and 100000, got -1");
        assertFailure("sidecar.demo.worker-cap-status=500",
                "sidecar.demo.worker-cap-status must be 429 or 503, got 500");
        assertFailure("sidecar.demo.tpm=-1", "sidecar.demo.tpm must be between 0 and 10000000, got -1");
        assertFailure("sidecar.demo.tpm-shape=sub-window", "sidecar.demo.tpm-shape must be one of [sliding-log, "
                + "fixed-window, sliding-counter, token-bucket], got sub-window");
        assertFailure("sidecar.demo.tpm-moment=never",
                "sidecar.demo.tpm-moment must be one of [arrival, both, end], got never");
        assertFailure("sidecar.demo.second-user-rpm=20000",
                "sidecar.demo.second-user-rpm must be between 0 and 10000, got 20000");
        application.withPropertyValues("sidecar.demo.shape=sub-window", "sidecar.demo.limit=5")
                .run(context -> assertThat(context).getFailure().rootCause()
                        .hasMessage("sidecar.demo.limit must be between 6 and 1000000, got 5"));
    }

    @Test
    void everyChoiceCanBeMade() {
        application.withPropertyValues("sidecar.demo.shape=sub-window", "sidecar.demo.retry-after=http-date",
                "sidecar.demo.rate-limit-headers=true", "sidecar.demo.worker-cap=32",
                "sidecar.demo.worker-cap-status=503", "sidecar.demo.second-user-rpm=13",
                "sidecar.demo.network-delay=true", "sidecar.demo.tpm=5000", "sidecar.demo.tpm-shape=token-bucket",
                "sidecar.demo.tpm-moment=both")
                .run(context -> assertThat(context.getBean(DemoSettings.class))
                        .isEqualTo(new DemoSettings(0, 40, Duration.ofMillis(300), Duration.ofMillis(30), 40,
                                "sub-window", "http-date", true, 32, 503, 13, true)
                                .withTokens(5000, "token-bucket", "both")));
    }

    @Test
    void keysHaveLimitsOfTheirOwn() {
        application.withPropertyValues("spring.profiles.active=demo",
                "sidecar.demo.keys=key-a:40,key-b:20:fixed-window,key-c:30:moving:5000")
                .run(context -> assertThat(context.getBean(DemoSettings.class).keys()).containsExactly(
                        new DemoKey("key-a", 40, "sliding-log"), new DemoKey("key-b", 20, "fixed-window"),
                        new DemoKey("key-c", 30, "moving", 5000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret", "secret:", "secret:x", "secret:0", "secret:1000001", "secret:40:leaky",
            "secret:5:sub-window", "secret:40:moving:x", "secret:40:moving:-1", "secret:40:moving:10000001",
            "secret:40:moving:5:6", ":40", "secret:40,secret:20"})
    void wrongKeysAreNotShown(String keys) {
        application.withPropertyValues("sidecar.demo.keys=" + keys).run(context -> assertThat(context).getFailure()
                .rootCause().hasMessageStartingWith("sidecar.demo.keys must be a list such as key-a:40")
                .hasMessageContaining("[sliding-log, ").hasMessageNotContaining("secret"));
    }

    @Test
    void settingsDoNotShowTheirKeys() {
        var settings = new DemoSettings(0, 40, Duration.ZERO, Duration.ZERO, 40)
                .withKeys(List.of(new DemoKey("secret", 20, "moving")));
        assertThat(settings.toString()).contains("20 moving").doesNotContain("secret");
    }

    private void assertFailure(String property, String message) {
        application.withPropertyValues(property)
                .run(context -> assertThat(context).getFailure().rootCause().hasMessage(message));
    }

    @EnableConfigurationProperties(DemoSettings.class)
    @Import(DemoConfiguration.class)
    static class Demo {
    }
}
