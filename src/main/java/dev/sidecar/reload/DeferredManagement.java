package dev.sidecar.reload;

import org.apache.camel.CamelContext;
import org.apache.camel.management.JmxManagementStrategy;
import org.apache.camel.spi.ManagementAgent;

/**
 * Camel's JMX with a delayed start: registering its MBeans would delay the first request noticeably. Their counts
 * include the time before. Thread-safe: requests are served while it begins.
 */
public final class DeferredManagement extends JmxManagementStrategy {

    private boolean wanted;

    private DeferredManagement(CamelContext context, ManagementAgent agent) {
        super(context, agent);
    }

    /** Makes a context that is not started collect its MBeans instead of registering them. */
    static void of(CamelContext context) {
        if (context.getManagementStrategy() instanceof JmxManagementStrategy atOnce) { // otherwise there is no JMX
            context.setManagementStrategy(new DeferredManagement(context, atOnce.getManagementAgent()));
        }
    }

    /** Registers the collected MBeans, and later ones at once. */
    public static void begin(CamelContext context) {
        if (context.getManagementStrategy() instanceof DeferredManagement deferred) {
            deferred.begin();
        }
    }

    private synchronized void begin() {
        wanted = true;
        start();
    }

    /** Camel collects until this has started. */
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
