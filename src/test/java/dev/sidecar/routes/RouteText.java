package dev.sidecar.routes;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** The text of a route file, to be changed as a person does in an editor: whole lines, the rest as it was. Immutable. */
final class RouteText {

    private final List<String> lines;
    private final Node root;

    private RouteText(String text) {
        this.lines = text.lines().toList();
        this.root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
    }

    static RouteText of(String text) {
        return new RouteText(text);
    }

    /** The text with {@code yaml} put in place of, before or behind the step or branch of this id. */
    String change(RecipeBook.Place place, String id, String yaml) {
        var at = entry(id);
        var changed = new ArrayList<String>();
        changed.addAll(lines.subList(0, place == RecipeBook.Place.AFTER ? at.end : at.start));
        yaml.lines().forEach(changed::add);
        changed.addAll(lines.subList(place == RecipeBook.Place.BEFORE ? at.start : at.end, lines.size()));
        return String.join("\n", changed) + "\n";
    }

    private Lines entry(String id) {
        var found = entries(root).filter(entry -> isNamed(entry, id)).toList();
        if (found.size() != 1) {
            throw new IllegalStateException(found.size() + " steps have the id " + id);
        }
        var entry = found.getFirst();
        // A block ends where the next thing begins; what is empty in between belongs to neither.
        int start = entry.getStartMark().getLine();
        int end = Math.clamp(entry.getEndMark().getLine(), start + 1, lines.size());
        while (lines.get(end - 1).isBlank()) {
            end--;
        }
        return new Lines(start, end);
    }

    /** All entries of lists, at any depth. */
    private static Stream<Node> entries(Node node) {
        return switch (node) {
            case SequenceNode list -> list.getValue().stream()
                    .flatMap(entry -> Stream.concat(Stream.of(entry), entries(entry)));
            case MappingNode map -> map.getValue().stream().flatMap(pair -> entries(pair.getValueNode()));
            default -> Stream.empty();
        };
    }

    /** A branch has its id in itself, a step below its kind. */
    private static boolean isNamed(Node entry, String id) {
        return entry instanceof MappingNode map && (hasId(map, id) || map.getValue().size() == 1
                && map.getValue().getFirst().getValueNode() instanceof MappingNode step && hasId(step, id));
    }

    private static boolean hasId(MappingNode map, String id) {
        return map.getValue().stream().anyMatch(pair -> pair.getKeyNode() instanceof ScalarNode key
                && key.getValue().equals("id") && pair.getValueNode() instanceof ScalarNode value
                && value.getValue().equals(id));
    }

    /** From the first to before the last, counted from 0. */
    private record Lines(int start, int end) {
    }
}
