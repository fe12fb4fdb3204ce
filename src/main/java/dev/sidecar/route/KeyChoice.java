package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.providers.Circuits;
import dev.sidecar.providers.ModelField;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProviderKey;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.pool.Payer;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import org.apache.camel.Exchange;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes, with which key, and by which name for its model: as its slot says. A request without a slot goes to
 * the first provider with the first key.
 *
 * <p>Sets the exchange property {@value #BASE_URL} where the request goes to another address than that of the provider that
 * was the first at the start: the route knows only that one. Thread-safe.
 */
public final class KeyChoice {

    /** The other provider's base URL, without the version; absent for the address of the start. */
    public static final String BASE_URL = "SidecarUpstreamUrl";

    private final ProvidersInForce providers;
    private final Circuits circuits;
    private final String urlAtStart;
    private final ModelField modelField = new ModelField();

    /** To be called at the start: the first provider of then is the one whose address the routes have. */
    public KeyChoice(ProvidersInForce providers, Circuits circuits) {
        this.urlAtStart = providers.get().first().address().baseUrl();
        this.providers = providers;
        this.circuits = circuits;
    }

    /** The address that the routes have. */
    public String urlAtStart() {
        return urlAtStart;
    }

    /**
     * What the request becomes.
     *
     * @param baseUrl of the provider that gets the key; null if any route may send it where it wants, as there is only one
     *        provider, and it has the address that the routes have
     * @param authorization null where the provider needs no key
     * @param body with the provider's name for the model
     */
    record Chosen(@Nullable String baseUrl, @Nullable Header authorization, @Nullable Buffer body) {

        boolean maySendTo(HttpHost host, String basePath) {
            if (baseUrl == null) {
                return true;
            }
            var uri = URI.create(baseUrl);
            return host.equals(new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort()))
                    && withoutSlash(basePath).equals(withoutSlash(uri.getRawPath()));
        }

        private static String withoutSlash(String path) {
            return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        }
    }

    /** @param ticket null for a request without a place in the queue */
    Chosen choose(ClientCall call, @Nullable Ticket<?> ticket, Exchange exchange) {
        var all = providers.get();
        var payer = ticket == null ? null : ticket.payer();
        var provider = provider(all, payer);
        var key = key(provider, payer);
        call.keyUsed(new ClientCall.KeyUsed(provider.name(), key.name(), all.keyCount() > 1));
        circuits.use(provider.name());
        var url = provider.address().baseUrl();
        if (url.equals(urlAtStart)) {
            exchange.removeProperty(BASE_URL);
        } else {
            exchange.setProperty(BASE_URL, url);
        }
        var secret = key.secret();
        return new Chosen(onlyAddress(all, url),
                secret == null
                        ? null
                        : new BasicHeader(provider.auth().field(), provider.auth().value(secret), true),
                body(call, provider));
    }

    /** Null where a route may have one of its own, as no other provider's key could get there. */
    @Nullable
    String onlyAddress(Providers all, String url) {
        return all.all().size() == 1 && url.equals(urlAtStart) ? null : url;
    }

    /** The file may have changed since the grant. */
    private static Provider provider(Providers all, @Nullable Payer payer) {
        return payer == null ? all.first() : all.named(payer.provider()).orElseGet(all::first);
    }

    private static ProviderKey key(Provider provider, @Nullable Payer payer) {
        return provider.keys().stream().filter(each -> payer != null && each.name().equals(payer.key())).findFirst()
                .orElseGet(() -> provider.keys().getFirst());
    }

    private @Nullable Buffer body(ClientCall call, Provider provider) {
        var body = call.body();
        var name = call.onlyModel();
        var atProvider = body == null || name == null ? null : provider.models().nameAt(name);
        return body == null || atProvider == null || atProvider.equals(name)
                ? body
                : modelField.replacedFirst(body, atProvider).orElse(body);
    }
}
