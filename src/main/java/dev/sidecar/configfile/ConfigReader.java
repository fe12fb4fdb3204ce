package dev.sidecar.configfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sidecar.clients.ClientRules;
import dev.sidecar.files.FileProblem;
import dev.sidecar.files.Finding;
import dev.sidecar.files.YamlDocument;
import java.util.List;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Makes records of the text of the file: first as YAML, then by the schema, then by the rules that no schema can say. Each
 * stage reports all that it finds. It exists only while a file is read, since the parsed schema takes memory.
 */
final class ConfigReader {

    private final ObjectMapper json = mapper();
    private final ConfigSchema schema = new ConfigSchema();

    /** Reads fields such as {@code key-sha256} into components such as {@code keySha256}. */
    static ObjectMapper mapper() {
        return JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS).build();
    }

    /** @throws ConfigProblemsException with everything that the first failing stage has found */
    SidecarConfig read(String file, String text) {
        var document = parse(file, text);
        JsonNode content = json.valueToTree(document.content());
        throwIfAny(document, schema.findings(content));
        var config = bind(file, content);
        throwIfAny(document, ClientRules.findings(config.clients(), config.anonymous()));
        return config;
    }

    private static YamlDocument parse(String file, String text) {
        if (text.isBlank()) {
            throw new ConfigProblemsException(List.of(FileProblem.ofFile(file, "the file is empty")));
        }
        try {
            return YamlDocument.of(file, text);
        } catch (MarkedYamlEngineException e) {
            throw new ConfigProblemsException(List.of(e.getProblemMark()
                    .map(mark -> new FileProblem(file, mark.getLine() + 1, mark.getColumn() + 1,
                            oneLine(e.getProblem())))
                    .orElseGet(() -> FileProblem.ofFile(file, oneLine(e.getProblem())))));
        } catch (YamlEngineException e) {
            throw new ConfigProblemsException(
                    List.of(FileProblem.ofFile(file, "not YAML: " + oneLine(String.valueOf(e.getMessage())))));
        }
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
    }

    private SidecarConfig bind(String file, JsonNode content) {
        try {
            return json.treeToValue(content, SidecarConfig.class);
        } catch (JsonProcessingException e) {
            // Jackson's message quotes values, so it stays out of the report.
            throw new ConfigProblemsException(
                    List.of(FileProblem.ofFile(file, "the file cannot be read, although it follows the schema")));
        }
    }

    private static void throwIfAny(YamlDocument document, List<Finding> findings) {
        if (!findings.isEmpty()) {
            throw new ConfigProblemsException(document.locate(findings));
        }
    }
}
