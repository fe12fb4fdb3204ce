package dev.sidecar.route.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ExchangeTimedOutException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.seda.SedaConsumerNotAvailableException;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A route that sends to {@code seda} and wants the reply gets it as from Camel's own component, but keeps no thread meanwhile. */
@Timeout(60)
class AsyncSedaComponentTest {

    private static final Duration A_WHILE = Duration.ofSeconds(30);

    private final CountDownLatch consumerMayGoOn = new CountDownLatch(1);
    private final BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    private DefaultCamelContext camel;
    private ProducerTemplate template;

    @BeforeEach
    void start() {
        camel = new DefaultCamelContext();
        camel.addComponent("seda", new AsyncSedaComponent());
        camel.getRegistry().bind("line", new LinkedBlockingQueue<Exchange>());
        camel.getRegistry().bind("small", new ArrayBlockingQueue<Exchange>(1));
        camel.start();
        template = camel.createProducerTemplate();
    }

    @AfterEach
    void stop() throws Exception {
        consumerMayGoOn.countDown();
        template.close();
        camel.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"seda:own?timeout=0", "seda:given?queue=#line&timeout=0"})
    void theSendersThreadIsFreeBeforeTheReplyIsThere(String line) throws Exception {
        route(line, "direct:start");
        var reply = new CompletableFuture<Exchange>();
        var exchange = exchange(ExchangePattern.InOut);

        var done = camel.getEndpoint("direct:start").createAsyncProducer()
                .process(exchange, doneSync -> reply.complete(exchange));

        assertThat(done).isFalse();
        assertThat(reply).isNotDone();
        consumerMayGoOn.countDown();
        assertThat(reply).succeedsWithin(A_WHILE);
        assertThat(exchange.getException()).isNull();
        assertThat(exchange.getMessage().getBody()).isEqualTo("text, answered, and the sender's route went on");
        assertThat(threads.take()).isEqualTo(threads.take()).isNotEqualTo(Thread.currentThread());
    }

    @Test
    void aSenderThatBlocksGetsTheReplyAsWell() throws Exception {
        route("seda:own?timeout=0", "direct:start");
        consumerMayGoOn.countDown();

        assertThat(template.requestBody("direct:start", "text"))
                .isEqualTo("text, answered, and the sender's route went on");
    }

    @Test
    void theConsumersFailureIsTheSenders() throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("seda:own?timeout=0").throwException(new IllegalStateException("no answer today"));
            }
        });

        assertThatThrownBy(() -> template.requestBody("seda:own?timeout=0", "text"))
                .isInstanceOf(CamelExecutionException.class).hasRootCauseMessage("no answer today");
    }

    @Test
    void whoWantsNoReplyGoesOnAtOnce() throws Exception {
        route("seda:own?timeout=0", "direct:start");
        var exchange = exchange(ExchangePattern.InOnly);

        template.send("direct:start", exchange);

        assertThat(exchange.getMessage().getBody()).isEqualTo("text, and the sender's route went on");
    }

    @Test
    void withATimeoutItIsWaitedForAsLong() throws Exception {
        route("seda:own?timeout=50", "direct:start");
        var exchange = exchange(ExchangePattern.InOut);

        template.send("direct:start", exchange);

        assertThat(exchange.getException()).isInstanceOf(ExchangeTimedOutException.class);
    }

    @Test
    void aFullQueueIsTheSendersFailureOnce() throws Exception {
        var first = exchange(ExchangePattern.InOut);
        var second = exchange(ExchangePattern.InOut);
        var answers = new LinkedBlockingQueue<Exchange>();
        var producer = camel.getEndpoint("seda:full?queue=#small&timeout=0").createAsyncProducer();
        producer.start();
        producer.process(first, doneSync -> answers.add(first));

        assertThatThrownBy(() -> producer.process(second, doneSync -> answers.add(second)))
                .isInstanceOf(IllegalStateException.class);

        assertThat(answers).isEmpty();
        producer.stop();
    }

    @Test
    void withoutAConsumerTheSenderFailsIfItIsTo() {
        assertThatThrownBy(() -> template.requestBody("seda:nobody?timeout=0&failIfNoConsumers=true", "text"))
                .isInstanceOf(CamelExecutionException.class)
                .hasRootCauseInstanceOf(SedaConsumerNotAvailableException.class);
    }

    private void route(String line, String from) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(from).to(line).process(exchange -> threads.add(Thread.currentThread()))
                        .transform(body().append(", and the sender's route went on"));
                from(line).process(exchange -> {
                    if (!consumerMayGoOn.await(A_WHILE.toSeconds(), TimeUnit.SECONDS)) {
                        throw new IllegalStateException("the test has forgotten the consumer");
                    }
                    threads.add(Thread.currentThread());
                }).transform(body().append(", answered"));
            }
        });
    }

    private Exchange exchange(ExchangePattern pattern) {
        var exchange = camel.getEndpoint("direct:start").createExchange(pattern);
        exchange.getMessage().setBody("text");
        return exchange;
    }
}
