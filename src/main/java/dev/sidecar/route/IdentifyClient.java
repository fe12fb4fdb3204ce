package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.clients.Client;
import dev.sidecar.clients.Clients;
import dev.sidecar.clients.ClientsInForce;
import dev.sidecar.clients.CredentialFields;
import dev.sidecar.clients.Identity;
import dev.sidecar.clients.WrongKeys;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * Says who sends a request: the client that a route names in the message header {@value #CLIENT_HEADER}, or else the client
 * whose key it has. Afterwards that header has the client's name, and clients' keys are gone from the message. A key that
 * nobody has is refused where anonymous callers are. Thread-safe.
 */
public final class IdentifyClient implements Processor {

    public static final String CLIENT_HEADER = "X-Sidecar-Client";

    private final ClientsInForce clients;
    private final WrongKeys wrongKeys;

    public IdentifyClient(ClientsInForce clients, WrongKeys wrongKeys) {
        this.clients = clients;
        this.wrongKeys = wrongKeys;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        var message = exchange.getMessage();
        var known = clients.get();
        var named = message.getHeader(CLIENT_HEADER, String.class);
        var client = named == null ? byKey(known, call, message) : byName(known, named);
        call.client(client);
        message.setHeader(CLIENT_HEADER, client.name());
        forgetKeys(known, message);
    }

    private static Client byName(Clients known, String name) {
        return known.named(name).orElseThrow(() -> new IllegalStateException("a route names a client in "
                + CLIENT_HEADER + " that is not in the file SIDECAR_CONFIG"));
    }

    private Client byKey(Clients known, ClientCall call, Message message) {
        return switch (known.identify(CredentialFields.key(name -> first(message.getHeader(name))))) {
            case Identity.Identified(var client) -> client;
            case Identity.NoKey() -> throw RefusedRequests.noClientKey();
            case Identity.UnknownKey() -> throw wrongKeys.from(call.request().remoteAddress().hostAddress())
                    .map(RefusedRequests::tooManyGuesses).orElseGet(RefusedRequests::unknownClientKey);
        };
    }

    /** Even a route that lets such a field through must not let a client's key through. */
    private static void forgetKeys(Clients known, Message message) {
        for (var name : CredentialFields.NAMES) {
            var key = CredentialFields.keyIn(name, first(message.getHeader(name)));
            if (key != null && known.isForTheSidecar(key)) {
                message.removeHeader(name);
            }
        }
    }

    /** Of a field that came more than once, the first value counts. */
    private static @Nullable String first(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case List<?> values -> values.isEmpty() ? null : String.valueOf(values.getFirst());
            default -> value.toString();
        };
    }
}
