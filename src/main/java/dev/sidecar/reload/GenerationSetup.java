package dev.sidecar.reload;

import org.apache.camel.CamelContext;

/** The parts of a generation's context that are not shared by all generations. */
@FunctionalInterface
public interface GenerationSetup {

    /**
     * Called once for each context, before it has routes.
     *
     * @return the parts, to be closed when the generation is gone
     */
    Parts apply(CamelContext context);

    /** The parts of one generation. */
    interface Parts extends AutoCloseable {

        /** Whether these routes would take waiting requests out of the queue at once. */
        boolean isReady();

        @Override
        void close();
    }
}
