package dev.sidecar.providers;

import dev.sidecar.config.Secret;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.files.Finding;
import dev.sidecar.files.Period;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a schema cannot say about the providers of a file. Paths of findings begin at the file's root. A finding never shows a
 * key, nor what is written where one is looked for: someone may have written the key itself.
 */
public final class ProviderRules {

    static final String PROVIDERS = "providers";
    static final String KEYS = "keys";

    private static final Duration LONGEST_FALLBACK = Duration.ofHours(1);

    private final List<ProviderEntry> providers;
    private final KeyValues values;
    private final List<Finding> findings = new ArrayList<>();

    private ProviderRules(List<ProviderEntry> providers, KeyValues values) {
        this.providers = providers;
        this.values = values;
    }

    /**
     * All that is wrong with them.
     *
     * @param values of all their keys
     */
    public static List<Finding> findings(List<ProviderEntry> providers, KeyValues values) {
        var rules = new ProviderRules(providers, values);
        rules.names();
        for (int i = 0; i < providers.size(); i++) {
            rules.one(i);
        }
        rules.keys();
        rules.findings.addAll(AccountRules.findings(providers));
        return rules.findings;
    }

    private void names() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < providers.size(); i++) {
            var name = providers.get(i).name();
            if (!names.add(name)) {
                add("a provider above has the name '" + name + "' too", PROVIDERS, i, "name");
            }
        }
    }

    private void one(int index) {
        var provider = providers.get(index);
        try {
            UpstreamAddress.of(new URI(provider.baseUrl()));
        } catch (URISyntaxException e) {
            add("must be an http:// or https:// URL", PROVIDERS, index, "base-url");
        } catch (IllegalArgumentException e) {
            add(String.valueOf(e.getMessage()), PROVIDERS, index, "base-url");
        }
        var after = provider.fallbackAfter();
        if (after != null && index == 0) {
            add("has no effect on the first provider: it is always asked first", PROVIDERS, index, "fallback-after");
        } else if (after != null && Period.of(after).compareTo(LONGEST_FALLBACK) > 0) {
            add("must be at most 1h", PROVIDERS, index, "fallback-after");
        }
        if (provider.models() != null) {
            ModelMapRules.findings(provider.models())
                    .forEach(finding -> findings.add(finding.within(PROVIDERS, index, "models")));
        }
    }

    private void keys() {
        Map<String, String> names = new HashMap<>();
        Map<Secret, String> owners = new HashMap<>();
        for (int i = 0; i < providers.size(); i++) {
            var provider = providers.get(i);
            for (int k = 0; k < provider.keys().size(); k++) {
                var key = provider.keys().get(k);
                var other = names.putIfAbsent(key.name(), provider.name());
                if (other != null) {
                    add("the provider '" + other + "' has a key of this name already", PROVIDERS, i, KEYS, k, "name");
                }
                switch (values.of(key)) {
                    case KeyValue.Missing missing -> add(missing.reason(), PROVIDERS, i, KEYS, k, missing.field());
                    case KeyValue.Found found -> {
                        var owner = owners.putIfAbsent(found.secret(), key.name());
                        if (owner != null) {
                            add("the key '" + owner + "' has this value already: a key is listed once", PROVIDERS, i,
                                    KEYS, k, key.env() == null ? KeyReader.FILE : KeyReader.ENV);
                        }
                    }
                }
            }
        }
    }

    private void add(String reason, Object... path) {
        findings.add(Finding.at(reason, path));
    }
}
