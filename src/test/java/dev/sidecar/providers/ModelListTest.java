package dev.sidecar.providers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see of the models that providers list. */
class ModelListTest {

    @Test
    void theListsFollowEachOtherInTheOrderOfTheProvidersAndThenTheirOwn() throws IOException {
        var providers = List.of(ProviderOf.everything("one"), ProviderOf.everything("two"));
        assertThat(names(providers, Map.of("two", listed("d", "c"), "one", listed("b", "a")))).containsExactly("b", "a",
                "d", "c");
    }

    @Test
    void anEntryIsTheProvidersOwnWithTheNameThatClientsUse() throws IOException {
        var one = ProviderOf.renaming("one", Map.of("llama", "meta/Llama-3.1"));
        var listed = ListedModels.of("""
                {"object":"list","data":[{"object":"model","id":"meta/Llama-3.1","context":131072,"x":{"y":[1]}}]}"""
                .getBytes(UTF_8));
        assertThat(merged(List.of(one), Map.of("one", listed), _ -> true)).hasToString("""
                {"object":"list","data":[{"object":"model","id":"llama","context":131072,"x":{"y":[1]}}]}""");
        assertThat(listed.entries().getFirst().get("id").textValue()).as("the list itself").isEqualTo("meta/Llama-3.1");
    }

    @Test
    void aPatternCarriesTheRestOfTheName() throws IOException {
        var one = ProviderOf.renaming("one", Map.of("meta/*", "m/*"));
        assertThat(names(List.of(one), Map.of("one", listed("m/a", "other", "m/b")))).containsExactly("meta/a",
                "meta/b");
    }

    @Test
    void whatNoClientCanNameIsLeftOut() throws IOException {
        var models = new LinkedHashMap<String, String>();
        models.put("*", "*");
        models.put("hidden", "a");
        var one = ProviderOf.renaming("one", models);
        assertThat(names(List.of(one), Map.of("one", listed("hidden", "a", "b")))).as("to ask for 'hidden' gets 'a'")
                .containsExactly("a", "hidden", "b");
        assertThat(names(List.of(ProviderOf.renaming("one", Map.of("x", "a"))), Map.of("one", listed("b", "a"))))
                .containsExactly("x");
    }

    @Test
    void twoNamesOfOneModelAreTwoEntries() throws IOException {
        var models = new LinkedHashMap<String, String>();
        models.put("big", "a");
        models.put("large", "a");
        assertThat(names(List.of(ProviderOf.renaming("one", models)), Map.of("one", listed("a"))))
                .containsExactly("big", "large");
    }

    @Test
    void aNameThatTheProviderDoesNotListIsAddedAtItsEnd() throws IOException {
        var one = ProviderOf.renaming("one", Map.of("new", "not-listed-yet"));
        var two = ProviderOf.everything("two");
        assertThat(merged(List.of(one, two), Map.of("two", listed("a")), _ -> true)).hasToString("""
                {"object":"list","data":[{"id":"new","object":"model","owned_by":"one"},{"id":"a","from":0}]}""");
    }

    @Test
    void aNameOfSeveralProvidersIsTheFirstOnes() throws IOException {
        var providers = List.of(ProviderOf.everything("one"), ProviderOf.renaming("two", Map.of("a", "A", "c", "C")));
        var list = merged(providers, Map.of("one", listed("b", "a"), "two", listed("x", "A", "C")), _ -> true);
        assertThat(list).hasToString("""
                {"object":"list","data":[{"id":"b","from":0},{"id":"a","from":1},{"id":"c","from":2}]}""");
    }

    @Test
    void aProviderThatRepeatsItselfDoesNotDoSoHere() throws IOException {
        assertThat(names(List.of(ProviderOf.everything("one")), Map.of("one", listed("a", "b", "a"))))
                .containsExactly("a", "b");
    }

    @Test
    void whatTheClientMayNotUseIsLeftOut() throws IOException {
        var one = ProviderOf.renaming("one", Map.of("meta/*", "m/*", "gpt", "not-listed"));
        var list = merged(List.of(one), Map.of("one", listed("m/a", "m/b")), name -> name.equals("meta/b"));
        assertThat(list.get("data")).singleElement().extracting(each -> each.get("id").textValue()).isEqualTo("meta/b");
    }

    @Test
    void withoutAnythingItIsAnEmptyList() {
        assertThat(merged(List.of(ProviderOf.everything("one")), Map.of(), _ -> true))
                .hasToString("{\"object\":\"list\",\"data\":[]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{\"id\":\"a\"},{\"id\":\"b\"}]",
            "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"has_more\":false}",
            "{\"data\":[1,null,{\"id\":\"a\"},{\"name\":\"x\"},{\"id\":7},[],{\"id\":\"b\"}]}"})
    void otherFormsAreReadAndEntriesWithoutANamePassedOver(String response) throws IOException {
        assertThat(ListedModels.of(response.getBytes(UTF_8)).entries()).extracting(ListedModels::id)
                .containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"data\":{}}", "<html>", "\"data\"", "{\"data\":["})
    void whatIsNoListIsAFailure(String response) {
        assertThatThrownBy(() -> ListedModels.of(response.getBytes(UTF_8))).isInstanceOf(IOException.class);
    }

    private static List<String> names(List<Provider> providers, Map<String, ListedModels> listed) {
        return merged(providers, listed, _ -> true).get("data").findValuesAsText("id");
    }

    private static ObjectNode merged(List<Provider> providers, Map<String, ListedModels> listed,
            Predicate<String> allowed) {
        return ModelList.merged(new Providers(providers), listed, allowed);
    }

    private static ListedModels listed(String... ids) throws IOException {
        var list = new StringBuilder();
        for (int i = 0; i < ids.length; i++) {
            list.append(i == 0 ? "" : ",").append("{\"id\":\"").append(ids[i]).append("\",\"from\":").append(i)
                    .append('}');
        }
        return ListedModels.of(("{\"object\":\"list\",\"data\":[" + list + "]}").getBytes(UTF_8));
    }
}
