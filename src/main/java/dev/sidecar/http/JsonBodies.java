package dev.sidecar.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;

/** How clients' bodies are read as JSON, token by token, so that all readers agree on what is JSON. Stateless. */
public final class JsonBodies {

    /**
     * Jackson's own choice keeps 8 kB for each thread, which a request's own thread would hold for as long as it waits in
     * the queue.
     */
    private static final int BUFFERS_KEPT = 16;

    private JsonBodies() {
    }

    /** Limits nesting, and the length of names and numbers; the length of the body is limited before. Keep it: it is costly. */
    public static JsonFactory factory() {
        return JsonFactory.builder().recyclerPool(JsonRecyclerPools.newBoundedPool(BUFFERS_KEPT))
                .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE)
                        .maxNumberLength(100_000).build())
                .build();
    }
}
