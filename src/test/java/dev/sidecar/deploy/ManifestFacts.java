package dev.sidecar.deploy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What manifests say, one fact for each value: {@code Deployment/nvidia-sidecar.spec.replicas: 1}. Labels are no facts, but
 * what a selector finds by them is. Nor is what makes a new pod after a change: a checksum here, a name with a hash there.
 */
final class ManifestFacts {

    private static final String CHECKSUM = "checksum/";

    private final Map<?, ?> podLabels;
    private final Map<?, ?> serviceLabels;
    private final Map<String, Object> facts = new TreeMap<>();

    private ManifestFacts(List<Map<String, Object>> objects) {
        this.podLabels = map(only("Deployment", objects), "spec", "template", "metadata", "labels");
        this.serviceLabels = map(only("Service", objects), "metadata", "labels");
        objects.forEach(object -> object.forEach((key, value) -> note(
                object.get("kind") + "/" + map(object, "metadata").get("name"), key, value)));
    }

    static Map<String, Object> of(List<Map<String, Object>> objects) {
        return new ManifestFacts(objects).facts;
    }

    private void note(String parent, String key, Object value) {
        var path = parent + "." + key;
        if (key.equals("selector") || key.equals("podSelector") || key.equals("labelSelector")) {
            facts.put(path, found((Map<?, ?>) value));
        } else if (!key.equals("labels") && !key.startsWith(CHECKSUM)) {
            note(path, value);
        }
    }

    private void note(String path, Object value) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((key, child) -> note(path, String.valueOf(key), child));
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            for (int i = 0; i < list.size(); i++) {
                note(path + "[" + i + "]", list.get(i));
            }
        } else {
            facts.put(path, value);
        }
    }

    private String found(Map<?, ?> selector) {
        var labels = selector.get("matchLabels") instanceof Map<?, ?> match ? match : selector;
        if (labels.isEmpty()) {
            return "everything";
        }
        if (podLabels.entrySet().containsAll(labels.entrySet())) {
            return "the pod";
        }
        return serviceLabels.entrySet().containsAll(labels.entrySet()) ? "the service" : "others: " + labels;
    }

    private static Map<String, Object> only(String kind, List<Map<String, Object>> objects) {
        return objects.stream().filter(object -> kind.equals(object.get("kind"))).findFirst().orElseThrow();
    }

    private static Map<?, ?> map(Map<?, ?> object, String... path) {
        Map<?, ?> child = object;
        for (var key : path) {
            child = (Map<?, ?>) child.get(key);
        }
        return child;
    }
}
