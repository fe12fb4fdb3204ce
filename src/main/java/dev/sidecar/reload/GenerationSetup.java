package dev.sidecar.reload;

import org.apache.camel.CamelContext;

/** What the routes of a generation find in their context beside the beans that all generations share. */
@FunctionalInterface
public interface GenerationSetup {

    /**
     * Called once for each context, before it has routes.
     *
     * @return to be closed when the generation is gone
     */
    Parts apply(CamelContext context);

    /** What one generation has for itself. */
    interface Parts extends AutoCloseable {

        /** Whether requests that wait in line would be taken out of it by these routes at once. */
        boolean isReady();

        @Override
        void close();
    }
}
