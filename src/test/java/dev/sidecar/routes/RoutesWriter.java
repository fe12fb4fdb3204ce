package dev.sidecar.routes;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.yaml.out.ModelWriter;

/**
 * Reads a route file into Camel's model and writes it again with Camel's own writer, as an editor does that knows the model
 * and nothing of the text: comments, quotes and the order of options are lost, endpoints are taken apart into parameters.
 */
public final class RoutesWriter implements AutoCloseable {

    private final DefaultCamelContext camel = new DefaultCamelContext();

    /** Nothing is started, so that routes stay as they are written, without what others add to them. */
    public RoutesWriter(Path file) throws Exception {
        PluginHelper.getRoutesLoader(camel).loadRoutes(ResourceHelper.resolveResource(camel, "file:" + file));
    }

    public List<RouteDefinition> routes() {
        return camel.getRouteDefinitions();
    }

    public List<RouteConfigurationDefinition> configurations() {
        return camel.getRouteConfigurationDefinitions();
    }

    String yaml(RouteDefinition route) throws IOException {
        return write(writer -> writer.writeRouteDefinition(route));
    }

    String yaml(RouteConfigurationDefinition configuration) throws IOException {
        return write(writer -> writer.writeRouteConfigurationDefinition(configuration));
    }

    private String write(Writing writing) throws IOException {
        var text = new StringWriter();
        var writer = new ModelWriter(text);
        writer.setCamelContext(camel);
        writer.setUriAsParameters(true);
        writer.start();
        try {
            writing.with(writer);
        } finally {
            writer.stop();
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        camel.close();
    }

    @FunctionalInterface
    private interface Writing {
        void with(ModelWriter writer) throws IOException;
    }
}
