package dev.sidecar.ops;

import java.util.Set;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.jspecify.annotations.Nullable;

/** The part of an endpoint's address that may be shown. Stateless. */
final class EndpointName {

    /** Endpoints whose names are those of routes, paths or metrics. */
    private static final Set<String> INSIDE = Set.of("direct", "seda", "platform-http", "micrometer");
    private static final Set<String> OUTSIDE = Set.of("http", "https");

    private EndpointName() {
    }

    /**
     * Scheme and name: {@code direct:upstream}. Only the scheme of an outside endpoint, whose name may be an address.
     */
    static String of(EndpointRequiredDefinition endpoint) {
        return of(endpoint.getEndpointUri());
    }

    /** The endpoint to which a step sends. Null if it sends to none, or to one that depends on the request. */
    static @Nullable String of(ProcessorDefinition<?> step) {
        return switch (step) {
            case EndpointRequiredDefinition endpoint -> of(endpoint);
            case ToDynamicDefinition dynamic when dynamic.getUri() != null && !dynamic.getUri().contains("${") ->
                of(dynamic.getUri());
            default -> null;
        };
    }

    /** Whether a name that {@link #of} gave is that of another program. */
    static boolean isOutside(String name) {
        return OUTSIDE.contains(name) || name.startsWith("{{");
    }

    private static String of(String uri) {
        var name = uri.split("\\?", 2)[0];
        var scheme = name.split(":", 2)[0];
        return INSIDE.contains(scheme) || name.startsWith("{{") ? name : scheme;
    }
}
