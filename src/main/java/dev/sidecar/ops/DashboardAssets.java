package dev.sidecar.ops;

import dev.sidecar.http.CacheControl;
import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.RequestRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code GET /api/dashboard/assets/…}: the style sheet and the scripts of the dashboard, a fixed list of files, read at
 * the start. A path never becomes the name of a file. Immutable.
 */
public final class DashboardAssets implements Processor {

    static final String FOLDER = "/api/dashboard/assets/";
    private static final Map<String, String> TYPES = Map.of("css", "text/css; charset=utf-8", "js",
            "text/javascript; charset=utf-8", "svg", "image/svg+xml");
    /** All files that are served. */
    static final List<String> FILES = List.of("dashboard.css", "dashboard.js", "stream.js", "overview.js", "line.js",
            "traffic.js", "charts.js", "configuration.js", "routes.js", "tabs.js", "dom.js", "words.js", "english.js",
            "chinese.js", "icon.svg");

    private final Map<String, Asset> assets;

    public DashboardAssets() {
        var read = new LinkedHashMap<String, Asset>();
        FILES.forEach(name -> read.put(FOLDER + name, Asset.read(name)));
        this.assets = Map.copyOf(read);
    }

    @Override
    public void process(Exchange exchange) {
        var message = exchange.getMessage();
        var asset = assets.get(message.getHeader(Exchange.HTTP_PATH, "", String.class));
        if (asset == null) {
            throw new RequestRefusedException(
                    ErrorBody.invalidRequest(404, "not_found", "the dashboard has no such file"));
        }
        message.setHeader(Exchange.CONTENT_TYPE, asset.type);
        CacheControl.NO_CACHE.on(exchange);
        message.setHeader("X-Content-Type-Options", "nosniff");
        message.setBody(asset.content.clone());
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Asset(String type, byte[] content) {

        static Asset read(String name) {
            var type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            try (var in = DashboardAssets.class.getResourceAsStream("/static/dashboard/" + name)) {
                if (in == null || type == null) {
                    throw new IllegalStateException("the dashboard's file " + name + " is missing");
                }
                return new Asset(type, in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
