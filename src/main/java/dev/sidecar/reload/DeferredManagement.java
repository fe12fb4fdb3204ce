package dev.sidecar.reload;

import org.apache.camel.CamelContext;
import org.apache.camel.management.JmxManagementStrategy;
import org.apache.camel.spi.ManagementAgent;

/**
 * Camel's JMX, which begins when it is told to: to register its hundred MBeans takes a fifth of what a start takes until the
 * first request can be forwarded. They count from the beginning. Thread-safe: requests are served while it begins.
 */
public final class DeferredManagement extends JmxManagementStrategy {

    private boolean wanted;

    private DeferredManagement(CamelContext context, ManagementAgent agent) {
        super(context, agent);
    }

    /** From now on the context, which has not been started, collects what it is to register. */
    static void of(CamelContext context) {
        if (context.getManagementStrategy() instanceof JmxManagementStrategy atOnce) { // else there is no JMX
            context.setManagementStrategy(new DeferredManagement(context, atOnce.getManagementAgent()));
        }
    }

    /** Registers what has been collected, and what is to come. */
    public static void begin(CamelContext context) {
        if (context.getManagementStrategy() instanceof DeferredManagement deferred) {
            deferred.begin();
        }
    }

    private synchronized void begin() {
        wanted = true;
        start();
    }

    /** While it has not started, Camel collects. */
    @Override
    public synchronized void start() {
        if (wanted) {
            super.start();
        }
    }

    @Override
    public synchronized void manageObject(Object managedObject) throws Exception {
        super.manageObject(managedObject);
    }

    @Override
    public synchronized void unmanageObject(Object managedObject) throws Exception {
        super.unmanageObject(managedObject);
    }
}
