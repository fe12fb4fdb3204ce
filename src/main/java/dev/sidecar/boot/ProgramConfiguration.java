package dev.sidecar.boot;

import dev.sidecar.ops.Uptime;
import dev.sidecar.throttle.NanoClock;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What all rooms use: time, the event loops, and what is made at the start. */
@Configuration(proxyBeanMethods = false)
public class ProgramConfiguration {

    /** What is made at the start, needed or not: what is ours, and Camel. */
    @Bean
    static LazyInitializationExcludeFilter madeAtTheStart() {
        return (name, definition, type) -> Stream.of("dev.sidecar.", "org.apache.camel.")
                .anyMatch(type.getName()::startsWith);
    }

    @Bean
    NanoClock nanoClock() {
        return NanoClock.system();
    }

    @Bean
    Uptime uptime(NanoClock clock) {
        return new Uptime(clock);
    }

    /** One for the whole program. Its blocking work runs on virtual threads: see {@code ingress.VirtualWorkers}. */
    @Bean
    public Vertx vertx() {
        return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setPreferNativeTransport(true)
                // Not each second, for who is idle: an event loop that is stuck for long is still reported.
                .setBlockedThreadCheckInterval(10).setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS));
    }
}
