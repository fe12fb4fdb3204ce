package dev.sidecar.routes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The recipes of {@code routes/README.md}. Each is a heading below "Recipes", with one or more instructions of a fixed form
 * below it and the YAML that each is about. What is not of that form is an {@link IllegalStateException}, so that no
 * recipe can be written that a test cannot follow.
 */
final class RecipeBook {

    /** What one instruction changes in a folder of routes. */
    sealed interface Edit {

        /** Steps and branches are found by their ids, and are changed as whole lines. */
        record AtStep(Place place, String id, String file, String yaml) implements Edit {
        }

        record SaveAs(String file, String yaml) implements Edit {
        }
    }

    enum Place {
        REPLACE, BEFORE, AFTER
    }

    record Recipe(String name, List<Edit> edits) {

        /** Does what the recipe says, to the letter. */
        void follow(Path folder) {
            edits.forEach(edit -> {
                switch (edit) {
                    case Edit.SaveAs(var file, var yaml) -> save(folder.resolve(file), yaml);
                    case Edit.AtStep(var place, var id, var file, var yaml) -> {
                        var path = folder.resolve(file);
                        write(path, RouteText.of(read(path)).change(place, id, yaml));
                    }
                }
            });
        }

        private void save(Path path, String yaml) {
            if (Files.exists(path)) {
                throw new IllegalStateException(name + ": there is a " + path.getFileName() + " already");
            }
            write(path, yaml);
        }
    }

    private static final Path FILE = RouteFiles.FOLDER.resolve("README.md");
    private static final Pattern AT_STEP = Pattern.compile("(Replace|Put before|Put after) the (?:step|branch|route)"
            + " `([a-z0-9-]+)` in `([a-z0-9-]+\\.camel\\.yaml)`( by)?:");
    private static final Pattern SAVE_AS = Pattern.compile("Save as `([a-z0-9-]+\\.camel\\.yaml)`:");

    private final List<Recipe> recipes = new ArrayList<>();
    private boolean among;
    private @Nullable String heading;
    private List<Edit> edits = new ArrayList<>();
    private @Nullable String instruction;
    private @Nullable StringBuilder yaml;

    private RecipeBook() {
    }

    static List<Recipe> recipes() {
        var book = new RecipeBook();
        read(FILE).lines().forEach(book::line);
        book.endRecipe();
        return book.recipes;
    }

    static Recipe recipe(String name) {
        return recipes().stream().filter(recipe -> recipe.name.equals(name)).findFirst()
                .orElseThrow(() -> new IllegalStateException("no recipe '" + name + "' in " + FILE));
    }

    private void line(String line) {
        if (yaml != null) {
            if (line.equals("```")) {
                edits.add(edit(yaml.toString()));
                yaml = null;
                instruction = null;
            } else {
                yaml.append(line).append('\n');
            }
        } else if (line.startsWith("## ")) {
            endRecipe();
            among = line.equals("## Recipes");
        } else if (among && line.startsWith("### ")) {
            endRecipe();
            heading = line.substring("### ".length());
        } else if (heading != null && line.equals("```yaml")) {
            yaml = new StringBuilder();
        } else if (heading != null && !line.isBlank()) {
            instruction = line;
        }
    }

    private Edit edit(String text) {
        var what = String.valueOf(instruction);
        var saved = SAVE_AS.matcher(what);
        if (saved.matches()) {
            return new Edit.SaveAs(saved.group(1), text);
        }
        var put = AT_STEP.matcher(what);
        if (put.matches() && (put.group(4) != null) == put.group(1).startsWith("Replace")) {
            return new Edit.AtStep(place(put.group(1)), put.group(2), put.group(3), text);
        }
        throw new IllegalStateException("'" + heading + "': the line before its YAML is no instruction: " + what);
    }

    private static Place place(String verb) {
        return switch (verb) {
            case "Put before" -> Place.BEFORE;
            case "Put after" -> Place.AFTER;
            default -> Place.REPLACE;
        };
    }

    private void endRecipe() {
        if (heading != null) {
            if (edits.isEmpty()) {
                throw new IllegalStateException("'" + heading + "' has no YAML");
            }
            recipes.add(new Recipe(heading, List.copyOf(edits)));
        }
        heading = null;
        instruction = null;
        edits = new ArrayList<>();
    }

    private static String read(Path path) {
        try {
            return Files.readString(path, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path path, String text) {
        try {
            Files.writeString(path, text, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
