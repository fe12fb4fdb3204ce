package dev.sidecar.ops;

import org.apache.camel.CamelContext;
import org.apache.camel.api.management.ManagedCamelContext;
import org.apache.camel.api.management.mbean.ManagedPerformanceCounterMBean;
import org.jspecify.annotations.Nullable;

/**
 * What Camel counts of routes and steps for JMX. Everything is null before the start and if JMX is switched off.
 * Thread-safe.
 *
 * @param managed null where nothing is counted
 */
record RouteCounts(@Nullable ManagedCamelContext managed) {

    /**
     * The counts of one route or step.
     *
     * @param total how many are through
     * @param failed how many of them failed
     * @param inFlight how many are inside
     * @param meanMs how long each took
     */
    record Count(long total, long failed, long inFlight, long meanMs) {

        private static Count of(ManagedPerformanceCounterMBean counter) {
            try {
                return new Count(counter.getExchangesTotal(), counter.getExchangesFailed(),
                        counter.getExchangesInflight(), Math.max(0, counter.getMeanProcessingTime()));
            } catch (Exception e) {
                throw new IllegalStateException("the counts of what Camel manages can be read", e);
            }
        }

        /** How many are through or inside. */
        long entered() {
            return total + inFlight;
        }
    }

    static RouteCounts of(CamelContext camel) {
        return new RouteCounts(camel.isStarted()
                ? camel.getCamelContextExtension().getContextPlugin(ManagedCamelContext.class)
                : null);
    }

    @Nullable
    Count ofRoute(String id) {
        var counter = managed == null ? null : managed.getManagedRoute(id);
        return counter == null ? null : Count.of(counter);
    }

    @Nullable
    Count ofStep(String id) {
        var counter = managed == null ? null : managed.getManagedProcessor(id);
        return counter == null ? null : Count.of(counter);
    }
}
