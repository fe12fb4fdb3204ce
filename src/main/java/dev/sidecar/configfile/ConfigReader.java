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
import dev.sidecar.providers.KeyReader;
import dev.sidecar.providers.KeyValues;
import dev.sidecar.providers.ProviderRules;
import dev.sidecar.providers.Providers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Makes records of the text of the file: first as YAML, then by the schema, then by the rules that no schema can say. Each
 * stage reports all that it finds. It exists only while a file is read, since the parsed schema takes memory.
 */
final class ConfigReader {

    private final ObjectMapper json = mapper();
    private final ConfigSchema schema = new ConfigSchema();
    private final KeyReader keys;

    ConfigReader(KeyReader keys) {
        this.keys = keys;
    }

    /** Reads fields such as {@code key-sha256} into components such as {@code keySha256}. */
    static ObjectMapper mapper() {
        return JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS).build();
    }

    /** @throws ConfigProblemsException with everything that the first failing stage has found */
    SidecarConfig read(String file, String text) {
        return read(file, text, null);
    }

    /**
     * @param inForce whose place it is to take in the running program; null for a new start
     * @throws ConfigProblemsException with everything that the first failing stage has found
     */
    SidecarConfig read(String file, String text, @Nullable SidecarConfig inForce) {
        var document = parse(file, text);
        JsonNode content = json.valueToTree(document.content());
        throwIfAny(document, schema.findings(content));
        var sections = bind(file, content);
        if (inForce != null) {
            throwIfAny(document, needsRestart(sections, inForce));
        }
        var values = KeyValues.of(sections.providers(), keys);
        var findings = new ArrayList<>(ClientRules.findings(sections.clients(), sections.anonymous()));
        findings.addAll(ProviderRules.findings(sections.providers(), values));
        throwIfAny(document, findings);
        return new SidecarConfig(sections.clients(), sections.anonymous(),
                sections.providers().isEmpty() ? null : Providers.of(sections.providers(), values));
    }

    /** Where providers come from, the file or the settings, is decided at the start. */
    private static List<Finding> needsRestart(Sections sections, SidecarConfig inForce) {
        if (sections.providers().isEmpty() == (inForce.providers() == null)) {
            return List.of();
        }
        return List.of(sections.providers().isEmpty()
                ? Finding.at("without the section 'providers', which it had at the start, it needs a restart")
                : Finding.at("the section is new, so it needs a restart", Sections.PROVIDERS));
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

    private Sections bind(String file, JsonNode content) {
        try {
            return json.treeToValue(content, Sections.class);
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
