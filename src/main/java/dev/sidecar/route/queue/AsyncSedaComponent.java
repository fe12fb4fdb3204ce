package dev.sidecar.route.queue;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.WaitForTaskToComplete;
import org.apache.camel.component.seda.BlockingQueueFactory;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.component.seda.SedaConsumerNotAvailableException;
import org.apache.camel.component.seda.SedaEndpoint;
import org.apache.camel.component.seda.SedaProducer;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Camel's SEDA component, whose producers leave the thread free while they wait for the reply: the route goes on, as an
 * asynchronous one, on the thread that completes the exchange. Camel's own keeps the sender's thread with all its frames, for each
 * request that waits in the queue and each stream that runs. A producer that waits only so long, by its {@code timeout}, is Camel's
 * own. Thread-safe, as Camel's is.
 */
@Component("seda")
public final class AsyncSedaComponent extends SedaComponent {

    @Override
    protected SedaEndpoint createEndpoint(String endpointUri, org.apache.camel.Component component,
            BlockingQueue<Exchange> queue, int concurrentConsumers) {
        return new AsyncEndpoint(endpointUri, component, queue, concurrentConsumers);
    }

    @Override
    protected SedaEndpoint createEndpoint(String endpointUri, org.apache.camel.Component component,
            BlockingQueueFactory<Exchange> queueFactory, int concurrentConsumers) {
        return new AsyncEndpoint(endpointUri, component, queueFactory, concurrentConsumers);
    }

    private static final class AsyncEndpoint extends SedaEndpoint {

        AsyncEndpoint(String uri, org.apache.camel.Component component, BlockingQueue<Exchange> queue, int consumers) {
            super(uri, component, queue, consumers);
        }

        AsyncEndpoint(String uri, org.apache.camel.Component component, BlockingQueueFactory<Exchange> queues,
                int consumers) {
            super(uri, component, queues, consumers);
        }

        @Override
        public Producer createProducer() throws Exception {
            return getTimeout() > 0 ? super.createProducer() : new AsyncProducer(this);
        }
    }

    private static final class AsyncProducer extends SedaProducer {

        private final WaitForTaskToComplete waits;

        AsyncProducer(SedaEndpoint endpoint) {
            super(endpoint, endpoint.getWaitForTaskToComplete(), 0, endpoint.isBlockWhenFull(),
                    endpoint.isDiscardWhenFull(), endpoint.getOfferTimeout());
            waits = endpoint.getWaitForTaskToComplete();
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            if (!waits(exchange)) {
                return super.process(exchange, callback);
            }
            var queued = prepareCopy(exchange, false);
            queued.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    try {
                        ExchangeHelper.copyResults(exchange, done);
                    } finally {
                        callback.done(false);
                    }
                }

                // The sender goes on when this leg is over, not at the end of whatever comes after.
                @Override
                public boolean allowHandover() {
                    return false;
                }
            });
            try {
                addToQueue(queued, false);
                return false;
            } catch (SedaConsumerNotAvailableException | IOException e) {
                exchange.setException(e);
                callback.done(true);
                return true;
            }
        }

        private boolean waits(Exchange exchange) {
            var asked = exchange.getProperty(Exchange.ASYNC_WAIT, waits, WaitForTaskToComplete.class);
            return switch (asked) {
                case Always -> true;
                case IfReplyExpected -> ExchangeHelper.isOutCapable(exchange);
                case Never -> false;
            };
        }
    }
}
