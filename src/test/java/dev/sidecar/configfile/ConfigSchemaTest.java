package dev.sidecar.configfile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import dev.sidecar.clients.AnonymousEntry;
import dev.sidecar.clients.ClassesEntry;
import dev.sidecar.clients.ClientEntry;
import dev.sidecar.clients.LimitEntry;
import dev.sidecar.providers.KeyEntry;
import dev.sidecar.providers.ProviderEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The schema for editors is the one that the program checks with, and has the fields of the records. */
class ConfigSchemaTest {

    private static final Path FOR_EDITORS = Path.of("deploy/sidecar.schema.json");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void editorsAndTheProgramUseTheSameSchema() throws IOException {
        try (var inTheProgram = ConfigSchema.class.getResourceAsStream(ConfigSchema.RESOURCE)) {
            assertThat(JSON.readTree(inTheProgram)).isEqualTo(schema());
        }
    }

    static List<Arguments> aRecordHasTheFieldsOfTheSchemaAndNoOthers() {
        return List.of(Arguments.of("", Sections.class), Arguments.of("/definitions/client", ClientEntry.class),
                Arguments.of("/definitions/anonymous", AnonymousEntry.class),
                Arguments.of("/definitions/class", ClassesEntry.class),
                Arguments.of("/definitions/limits/items", LimitEntry.class),
                Arguments.of("/definitions/provider", ProviderEntry.class),
                Arguments.of("/definitions/key", KeyEntry.class));
    }

    @ParameterizedTest
    @MethodSource
    void aRecordHasTheFieldsOfTheSchemaAndNoOthers(String place, Class<?> type) throws IOException {
        var fields = new TreeSet<String>();
        schema().at(place + "/properties").fieldNames().forEachRemaining(fields::add);
        var mapper = ConfigReader.mapper();
        var ofTheRecord = new TreeSet<>(mapper.getDeserializationConfig().introspect(mapper.constructType(type))
                .findProperties().stream().map(BeanPropertyDefinition::getName).toList());
        assertThat(ofTheRecord).isEqualTo(fields);
    }

    @Test
    void everyMapOfFieldsRefusesUnknownOnes() throws IOException {
        assertClosed(schema(), "");
    }

    private static void assertClosed(JsonNode node, String place) {
        if (node.has("properties")) {
            assertThat(node.path("additionalProperties").asText()).as(place).isEqualTo("false");
        }
        node.properties().forEach(field -> assertClosed(field.getValue(), place + "/" + field.getKey()));
        node.elements().forEachRemaining(element -> {
            if (!node.isObject()) {
                assertClosed(element, place);
            }
        });
    }

    private static JsonNode schema() throws IOException {
        return JSON.readTree(FOR_EDITORS.toFile());
    }
}
