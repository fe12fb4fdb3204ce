package dev.sidecar.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.httpproxy.HttpProxy;

/** What there is to compare with: the reverse proxy of Vert.x as it comes, on one event loop for its one core. */
final class PlainVertxProxy {

    private PlainVertxProxy() {
    }

    public static void main(String[] args) {
        int port = Integer.parseInt(args[0]);
        int upstreamPort = Integer.parseInt(args[1]);
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        // The default pool holds 5 connections, which would measure the wait for one.
        HttpProxy proxy = HttpProxy.reverseProxy(vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(1024)));
        proxy.origin(upstreamPort, "127.0.0.1");
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port)).requestHandler(proxy)
                .listen().onFailure(e -> {
                    System.err.println(e);
                    System.exit(1);
                });
    }
}
