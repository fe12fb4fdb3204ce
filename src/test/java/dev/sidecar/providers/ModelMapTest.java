package dev.sidecar.providers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which models a provider serves, under which name, and what clients call them. */
class ModelMapTest {

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"fast, meta/llama-8b", "meta/llama-70b, m/llama-70b", "meta/, m/",
            "meta/vision/11b, v-11b", "meta/exact, elsewhere", "gpt-4, one-for-all", "other, -", "met, -", "'', -"})
    void theExactNameWinsThenTheLongestBeginning(String model, @Nullable String name) {
        var map = map("meta/*", "m/*", "meta/vision/*", "v-*", "meta/exact", "elsewhere", "fast", "meta/llama-8b",
                "gpt-*", "one-for-all");
        assertThat(map.nameAt(model)).isEqualTo(name);
        assertThat(map.serves(model)).isEqualTo(name != null);
    }

    @Test
    void everythingIsServedUnderItsOwnName() {
        for (var model : new String[]{"meta/llama", "", "*", "ä"}) {
            assertThat(ModelMap.EVERYTHING.nameAt(model)).isEqualTo(model);
            assertThat(ModelMap.EVERYTHING.clientNameOf(model)).isEqualTo(model);
        }
        assertThat(ModelMap.EVERYTHING.serves(null)).isTrue();
        assertThat(ModelMap.EVERYTHING.nameAt(null)).isNull();
        assertThat(ModelMap.EVERYTHING.renames()).isFalse();
        assertThat(ModelMap.EVERYTHING.names()).isEmpty();
        assertThat(ModelMap.EVERYTHING).isEqualTo(map("*", "*"));
    }

    @Test
    void aRequestWithoutAModelNeedsAMapForAllThatChangesNoName() {
        assertThat(map("*", "*", "a", "a").serves(null)).isTrue();
        assertThat(map("*", "*", "a", "b").serves(null)).as("the name that cannot be read may be a").isFalse();
        assertThat(map("*", "b").serves(null)).isFalse();
        assertThat(map("meta/*", "meta/*").serves(null)).isFalse();
        assertThat(map("a", "a").serves(null)).isFalse();
    }

    @Test
    void aMapRenamesWhenAnyEntryDoes() {
        assertThat(map("a", "a", "m/*", "m/*").renames()).isFalse();
        assertThat(map("a", "a", "m/*", "*").renames()).isTrue();
        assertThat(map("a", "A").renames()).isTrue();
    }

    @Test
    void itsNamesAreTheExactOnesInTheOrderOfTheFile() {
        assertThat(map("z", "1", "m/*", "*", "a", "2").names()).containsExactly("z", "a");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"meta/llama, fast", "m/1, meta/1", "m/taken, -", "one-for-all, -",
            "nobody, -", "same, same", "twice, first"})
    void theWayBackIsANameThatLeadsThere(String provider, @Nullable String client) {
        var map = map("fast", "meta/llama", "meta/*", "m/*", "meta/taken", "elsewhere", "gpt-*", "one-for-all",
                "alias", "same", "same", "same", "first", "twice", "second", "twice");
        assertThat(map.clientNameOf(provider)).isEqualTo(client);
    }

    @Test
    void mapsAreEqualWhenTheySayTheSameInTheSameOrder() {
        assertThat(map("a", "b", "c", "d")).isEqualTo(map("a", "b", "c", "d"))
                .hasSameHashCodeAs(map("a", "b", "c", "d"))
                .isNotEqualTo(map("c", "d", "a", "b")).isNotEqualTo(map("a", "b"));
    }

    // ---- against a naive reference ----

    @Property
    void theNameIsThatOfTheReference(@ForAll("maps") Map<String, String> entries, @ForAll("models") String model) {
        assertThat(ModelMap.of(entries).nameAt(model)).isEqualTo(reference(entries, model));
    }

    @Property
    void theWayBackLeadsThereAgain(@ForAll("maps") Map<String, String> entries, @ForAll("models") String model) {
        var map = ModelMap.of(entries);
        var client = map.clientNameOf(model);
        if (client != null) {
            assertThat(map.nameAt(client)).isEqualTo(model);
        }
        // Names that stand for themselves are found again, or another name for the same model is.
        map.names().forEach(name -> assertThat(map.clientNameOf(String.valueOf(map.nameAt(name)))).isNotNull());
    }

    private static @Nullable String reference(Map<String, String> entries, String model) {
        if (entries.containsKey(model) && !model.endsWith("*")) {
            return entries.get(model);
        }
        return entries.entrySet().stream().filter(entry -> entry.getKey().endsWith("*"))
                .filter(entry -> model.startsWith(entry.getKey().replace("*", "")))
                .max(Comparator.comparingInt(entry -> entry.getKey().length()))
                .map(entry -> entry.getValue().replace("*",
                        model.substring(entry.getKey().replace("*", "").length())))
                .orElse(null);
    }

    /** Few letters, so that names meet. */
    @Provide
    Arbitrary<String> models() {
        return Arbitraries.strings().withChars('a', 'b', '/').ofMaxLength(4);
    }

    @Provide
    Arbitrary<Map<String, String>> maps() {
        var exact = Combinators.combine(models().filter(name -> !name.isEmpty()), models()).as(Map::entry);
        var patterns = Combinators.combine(models(), models(), Arbitraries.of("*", ""))
                .as((client, provider, end) -> Map.entry(client + "*", provider + end));
        return Arbitraries.oneOf(exact, patterns).list().ofMaxSize(6).map(entries -> {
            var map = new LinkedHashMap<String, String>();
            entries.forEach(entry -> map.put(entry.getKey(), entry.getValue()));
            return map;
        });
    }

    private static ModelMap map(String... names) {
        var map = new LinkedHashMap<String, String>();
        for (int i = 0; i < names.length; i += 2) {
            map.put(names[i], names[i + 1]);
        }
        return ModelMap.of(map);
    }
}
