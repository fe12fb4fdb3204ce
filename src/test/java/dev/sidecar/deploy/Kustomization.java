package dev.sidecar.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.yaml.snakeyaml.Yaml;

/**
 * What kustomize makes of a folder, without kustomize. It knows what deploy/kubernetes uses, and refuses everything else
 * instead of leaving it out. Names get no hash.
 */
final class Kustomization {

    private static final Set<String> KNOWN = Set.of("apiVersion", "kind", "resources", "labels", "images",
            "configMapGenerator", "patches");

    private Kustomization() {
    }

    static List<Map<String, Object>> build(Path folder) throws IOException {
        Map<String, Object> instructions = new Yaml().load(Files.readString(folder.resolve("kustomization.yaml")));
        demand(instructions.keySet(), KNOWN);
        var objects = new ArrayList<Map<String, Object>>();
        for (var resource : list(instructions, "resources")) {
            var path = folder.resolve((String) resource);
            if (Files.isDirectory(path)) {
                objects.addAll(build(path));
            } else {
                new Yaml().loadAll(Files.readString(path)).forEach(object -> objects.add(map(object)));
            }
        }
        for (var generator : list(instructions, "configMapGenerator")) {
            objects.add(configMap(folder, map(generator)));
        }
        for (var labels : list(instructions, "labels")) {
            demand(map(labels).keySet(), Set.of("pairs"));
            objects.forEach(object -> child(child(object, "metadata"), "labels")
                    .putAll(map(map(labels).get("pairs"))));
        }
        for (var image : list(instructions, "images")) {
            demand(map(image).keySet(), Set.of("name", "newTag"));
            objects.forEach(object -> setTag(object, map(image)));
        }
        for (var patch : list(instructions, "patches")) {
            demand(map(patch).keySet(), Set.of("path", "target"));
            apply(folder.resolve((String) map(patch).get("path")), map(map(patch).get("target")), objects);
        }
        return objects;
    }

    private static Map<String, Object> configMap(Path folder, Map<String, Object> generator) throws IOException {
        demand(generator.keySet(), Set.of("name", "files", "literals", "options"));
        var data = new LinkedHashMap<String, Object>();
        for (var file : list(generator, "files")) {
            data.put((String) file, Files.readString(folder.resolve((String) file)));
        }
        for (var literal : list(generator, "literals")) {
            var pair = ((String) literal).split("=", 2);
            data.put(pair[0], pair[1]);
        }
        var metadata = new LinkedHashMap<String, Object>(Map.of("name", generator.get("name")));
        return new LinkedHashMap<>(
                Map.of("apiVersion", "v1", "kind", "ConfigMap", "metadata", metadata, "data", data));
    }

    private static void setTag(Map<String, Object> object, Map<String, Object> image) {
        if ("Deployment".equals(object.get("kind"))) {
            var pod = child(child(child(object, "spec"), "template"), "spec");
            for (var container : list(pod, "containers")) {
                map(container).computeIfPresent("image", (key, name) -> name.equals(image.get("name"))
                        ? name + ":" + image.get("newTag")
                        : name);
            }
        }
    }

    /** A patch of RFC 6902. Only "add" and "replace" are known. */
    private static void apply(Path file, Map<String, Object> target, List<Map<String, Object>> objects)
            throws IOException {
        demand(target.keySet(), Set.of("kind", "name"));
        var patched = objects.stream().filter(object -> object.get("kind").equals(target.get("kind"))
                && child(object, "metadata").get("name").equals(target.get("name"))).findFirst().orElseThrow();
        List<Map<String, Object>> steps = new Yaml().load(Files.readString(file));
        for (var step : steps) {
            demand(step.keySet(), Set.of("op", "path", "value"));
            var path = ((String) step.get("path")).substring(1).split("/", -1);
            Object parent = patched;
            for (int i = 0; i < path.length - 1; i++) {
                parent = parent instanceof List<?> list
                        ? list.get(Integer.parseInt(path[i]))
                        : Objects.requireNonNull(map(parent).get(path[i]), file + ": " + step.get("path"));
            }
            set(parent, path[path.length - 1], (String) step.get("op"), step.get("value"));
        }
    }

    @SuppressWarnings("unchecked") // lists of YAML take anything
    private static void set(Object parent, String key, String op, Object value) {
        if (op.equals("add") && key.equals("-")) {
            ((List<Object>) parent).add(value);
        } else if (op.equals("add") != map(parent).containsKey(key) && Set.of("add", "replace").contains(op)) {
            map(parent).put(key, value);
        } else {
            throw new UnsupportedOperationException(op + " of " + key + " in " + map(parent).keySet());
        }
    }

    private static void demand(Set<String> found, Set<String> known) {
        if (!known.containsAll(found)) {
            throw new UnsupportedOperationException("of " + found + " only these are known: " + known);
        }
    }

    private static List<?> list(Map<String, Object> object, String key) {
        return (List<?>) object.getOrDefault(key, List.of());
    }

    private static Map<String, Object> child(Map<String, Object> object, String key) {
        return map(object.computeIfAbsent(key, absent -> new LinkedHashMap<>()));
    }

    @SuppressWarnings("unchecked") // keys of these files are texts
    private static Map<String, Object> map(Object object) {
        return (Map<String, Object>) object;
    }
}
