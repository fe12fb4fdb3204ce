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
 * {@code GET /api/dashboard/assets/…}: the style sheets and scripts of the dashboard, a fixed list of files, read at the
 * start. A path never becomes the name of a file. Immutable.
 */
public final class DashboardAssets implements Processor {

    static final String FOLDER = "/api/dashboard/assets/";
    private static final Map<String, String> TYPES = Map.of("css", "text/css; charset=utf-8", "js",
            "text/javascript; charset=utf-8", "svg", "image/svg+xml");
    /** The page's own files. */
    static final List<String> FILES = List.of("dashboard.css", "timeline.css", "icon.svg", "theme.js", "dashboard.js",
            "stream.js", "verdict.js", "timeline.js", "timeline-model.js", "timeline-paint.js", "overview.js",
            "queue.js", "clients.js", "keys.js", "fleet.js",
            "traffic.js", "plot.js", "refused.js", "routes.js", "routes.css", "flow.js", "flow-layout.js",
            "configuration.js", "tabs.js", "address.js",
            "switches.js", "classes.js", "colors.js", "dom.js", "words.js", "english.js", "chinese.js");
    /** Files of libraries, with their paths there. */
    static final Map<String, WebJar> LIBRARIES = Map.of("dist/uPlot.iife.min.js", new WebJar("uplot"),
            "dist/uPlot.min.css", new WebJar("uplot"));

    private final Map<String, Asset> assets;

    public DashboardAssets() {
        var read = new LinkedHashMap<String, Asset>();
        try {
            for (var name : FILES) {
                read.put(FOLDER + name, Asset.of(name, own(name)));
            }
            for (var library : LIBRARIES.entrySet()) {
                var path = library.getKey();
                var name = path.substring(path.lastIndexOf('/') + 1);
                read.put(FOLDER + name, Asset.of(name, library.getValue().read(path)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    private static byte[] own(String name) throws IOException {
        try (var in = DashboardAssets.class.getResourceAsStream("/static/dashboard/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the dashboard's file " + name + " is missing");
            }
            return in.readAllBytes();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Asset(String type, byte[] content) {

        static Asset of(String name, byte[] content) {
            var type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            if (type == null) {
                throw new IllegalStateException("the dashboard's file " + name + " has no known type");
            }
            return new Asset(type, content);
        }
    }
}
