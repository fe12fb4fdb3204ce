package dev.sidecar.ops;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.boot.actuate.metrics.export.prometheus.PrometheusOutputFormat;
import org.springframework.boot.actuate.metrics.export.prometheus.PrometheusScrapeEndpoint;

/**
 * Spring Boot's, in the text formats only: what writes Prometheus' protobuf format is left out, being 2 MB that only native
 * histograms need. A Prometheus that would like it (with native histograms switched on it asks for it first) is answered in the
 * OpenMetrics format. Thread-safe.
 */
@WebEndpoint(id = "prometheus")
public final class TextScrapeEndpoint extends PrometheusScrapeEndpoint {

    public TextScrapeEndpoint(PrometheusRegistry registry, @Nullable Properties properties) {
        super(registry, properties);
    }

    // Spring's Nullable is what makes the parameter optional.
    @Override
    @ReadOperation(producesFrom = PrometheusOutputFormat.class)
    public WebEndpointResponse<byte[]> scrape(PrometheusOutputFormat format,
            @org.springframework.lang.Nullable @Nullable Set<String> includedNames) {
        return super.scrape(format == PrometheusOutputFormat.CONTENT_TYPE_PROTOBUF
                ? PrometheusOutputFormat.CONTENT_TYPE_OPENMETRICS_100
                : format, includedNames);
    }
}
