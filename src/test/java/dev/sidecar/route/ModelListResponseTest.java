package dev.sidecar.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.call.ClientCall;
import dev.sidecar.clients.ClassRange;
import dev.sidecar.clients.Client;
import dev.sidecar.clients.ModelRule;
import dev.sidecar.http.RequestRefusedException;
import dev.sidecar.providers.ModelListCache;
import dev.sidecar.providers.ModelListRefusedException;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProviderOf;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.order.ClientPolicy;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bean {@code modelList} at the end of a route, over HTTP. */
@Timeout(60)
class ModelListResponseTest {

    private static final Provider ONE = ProviderOf.everything("one");
    private static final Provider TWO = ProviderOf.renaming("two", Map.of("llama", "meta/Llama-3.1"));

    private final ProvidersInForce inForce = new ProvidersInForce(new Providers(List.of(ONE, TWO)));
    private volatile Client client = Client.ANYBODY;
    private volatile ModelListCache.Fetcher fetcher = provider -> (provider.name().equals("one")
            ? "{\"data\":[{\"id\":\"gpt\",\"owned_by\":\"x\"}]}"
            : "{\"data\":[{\"id\":\"meta/Llama-3.1\"},{\"id\":\"other\"}]}").getBytes(StandardCharsets.UTF_8);

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Vertx vertx;
    private DefaultCamelContext camel;
    private ProducerTemplate route;
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx();
        camel = new DefaultCamelContext();
        camel.getRegistry().bind("modelList",
                new ModelListResponse(inForce, new ModelListCache(each -> fetcher.fetch(each), () -> 0)));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:models").process("modelList");
            }
        });
        camel.start();
        route = camel.createProducerTemplate();
        server = vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                .requestHandler(this::serve).listen().toCompletionStage().toCompletableFuture().get();
    }

    @AfterEach
    void stop() throws Exception {
        http.close();
        camel.close();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void theClientGetsTheListOfAllProvidersInItsOwnNames() throws Exception {
        var response = get("GET");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("""
                {"object":"list","data":[{"id":"gpt","owned_by":"x"},{"id":"llama"}]}""");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(response.headers().firstValue("X-Request-Id")).hasValue("mine");
        assertThat(response.headers().map()).as("the client's own field").doesNotContainKey("x-client");
    }

    @Test
    void whoAsksForTheHeadGetsNoMore() throws Exception {
        var response = get("HEAD");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
    }

    @Test
    void aClientSeesOnlyWhatItMayUse() throws Exception {
        client = new Client(ClientPolicy.ANONYMOUS, ClassRange.ANY, new ModelRule(List.of("ll*"), false), null);
        assertThat(get("GET").body()).isEqualTo("{\"object\":\"list\",\"data\":[{\"id\":\"llama\"}]}");
    }

    @Test
    void theListIsThatOfTheProvidersInForce() throws Exception {
        inForce.put(new Providers(List.of(TWO)));
        assertThat(get("GET").body()).isEqualTo("{\"object\":\"list\",\"data\":[{\"id\":\"llama\"}]}");
    }

    @Test
    void withoutAnyListTheStatusIsTheFirstProviders() throws Exception {
        fetcher = provider -> {
            throw new ModelListRefusedException(provider.name().equals("one") ? 401 : 500);
        };
        assertError(401, "models_refused", "authentication_error", "'one' responded with 401");
    }

    @Test
    void aRedirectIsNotPassedOn() throws Exception {
        fetcher = _ -> {
            throw new ModelListRefusedException(302);
        };
        assertError(502, "upstream_unreachable", "api_error", "'one'");
    }

    @Test
    void aProviderThatCannotBeReachedIsABadGateway() throws Exception {
        fetcher = _ -> {
            throw new ConnectException("10.1.2.3:443");
        };
        var error = assertError(502, "upstream_unreachable", "api_error", "connection refused");
        assertThat(error).doesNotContain("10.1.2.3");
    }

    private String assertError(int status, String code, String type, String words) throws Exception {
        var response = get("GET");
        assertThat(response.statusCode()).isEqualTo(status);
        var error = new JsonObject(response.body()).getJsonObject("error");
        assertThat(error.getString("code")).isEqualTo(code);
        assertThat(error.getString("type")).isEqualTo(type);
        assertThat(error.getString("message")).contains(words);
        return response.body();
    }

    private HttpResponse<String> get(String method) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + "/v1/models"))
                .method(method, HttpRequest.BodyPublishers.noBody()).header("X-Request-Id", "mine")
                .header("X-Client", "x").build(), HttpResponse.BodyHandlers.ofString());
    }

    private void serve(HttpServerRequest request) {
        var call = new ClientCall(request, null);
        call.client(client);
        Thread.startVirtualThread(() -> {
            var exchange = new DefaultExchange(camel);
            call.attachTo(exchange);
            exchange.getMessage().setHeader("X-Client", request.getHeader("X-Client"));
            route.send("direct:models", exchange);
            if (exchange.getException() instanceof RequestRefusedException refused) {
                request.response().setStatusCode(refused.error().status())
                        .end(new String(refused.error().toJson(), StandardCharsets.UTF_8));
            }
        });
    }
}
