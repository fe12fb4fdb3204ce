package dev.sidecar.deploy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.Yaml;

/** Manifests, read as the API server would read them: a field that it does not know is refused. */
final class KubernetesObjects {

    /** By apiVersion and kind. */
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of("apps/v1 Deployment",
            Deployment.class, "v1 Service", Service.class, "v1 ConfigMap", ConfigMap.class, "v1 Secret", Secret.class,
            "policy/v1 PodDisruptionBudget", PodDisruptionBudget.class, "networking.k8s.io/v1 NetworkPolicy",
            NetworkPolicy.class, "monitoring.coreos.com/v1 ServiceMonitor", ServiceMonitor.class,
            "monitoring.coreos.com/v1 PrometheusRule", PrometheusRule.class);

    private static final ObjectMapper STRICT = JsonMapper.builder()
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                // Where the classes would keep what they do not know.
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            }).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private KubernetesObjects() {
    }

    static List<HasMetadata> parse(String yaml) {
        return StreamSupport.stream(new Yaml().loadAll(yaml).spliterator(), false).filter(Objects::nonNull)
                .<HasMetadata>map(object -> {
                    var map = (Map<?, ?>) object;
                    return STRICT.convertValue(object, KINDS.get(map.get("apiVersion") + " " + map.get("kind")));
                }).toList();
    }
}
