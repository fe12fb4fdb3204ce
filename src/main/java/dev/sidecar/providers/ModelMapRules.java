package dev.sidecar.providers;

import dev.sidecar.files.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a schema cannot say about a map of models. Paths of findings begin at the map. Stateless. */
final class ModelMapRules {

    private static final int LONGEST = 128;

    private ModelMapRules() {
    }

    static List<Finding> findings(Map<String, String> models) {
        var findings = new ArrayList<Finding>();
        models.forEach((client, provider) -> {
            if (client.isEmpty() || client.length() > LONGEST) {
                findings.add(ofName("a name of a model must have 1 to " + LONGEST + " characters", client));
            } else if (hasOtherStar(client)) {
                findings.add(ofName("may have one * and only at its end", client));
            }
            if (hasOtherStar(provider)) {
                findings.add(Finding.at("may have one * and only at its end", client));
            } else if (provider.endsWith(ModelName.REST) && !client.endsWith(ModelName.REST)) {
                findings.add(Finding.at("may have a * only where the client's name has one", client));
            }
        });
        return findings;
    }

    private static boolean hasOtherStar(String name) {
        var star = name.indexOf(ModelName.REST);
        return star >= 0 && star < name.length() - 1;
    }

    private static Finding ofName(String reason, String name) {
        return new Finding(List.of(), name, reason);
    }
}
