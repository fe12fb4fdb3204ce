package dev.sidecar.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.vertx.core.Vertx;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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

    @EnableConfigurationProperties(DemoSettings.class)
    @Import(DemoConfiguration.class)
    static class Demo {
    }
}
