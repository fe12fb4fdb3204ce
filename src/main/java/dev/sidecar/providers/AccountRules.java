package dev.sidecar.providers;

import dev.sidecar.config.Suggestion;
import dev.sidecar.files.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a schema cannot say about the accounts that keys spend. An account is a key that others name, a name that several keys
 * share, or the name that a key with a rate of its own gives it. Paths of findings begin at the file's root.
 */
final class AccountRules {

    private static final String ACCOUNT = "account";
    private static final String RPM = "rate-rpm";
    private static final String TPM = "rate-tpm";

    private final List<ProviderEntry> providers;
    private final List<Finding> findings = new ArrayList<>();

    private AccountRules(List<ProviderEntry> providers) {
        this.providers = providers;
    }

    static List<Finding> findings(List<ProviderEntry> providers) {
        var rules = new AccountRules(providers);
        for (int i = 0; i < providers.size(); i++) {
            for (int key = 0; key < providers.get(i).keys().size(); key++) {
                rules.one(i, key);
            }
        }
        return rules.findings;
    }

    private void one(int provider, int key) {
        var entry = providers.get(provider).keys().get(key);
        var account = entry.account();
        if (account == null) {
            return;
        }
        if (account.equals(entry.name())) {
            add(provider, key, ACCOUNT, "is the name of the key itself: leave it out");
            return;
        }
        for (int other = 0; other < providers.size(); other++) {
            if (other != provider && providers.get(other).keys().stream().anyMatch(it -> it.name().equals(account)
                    || it.accountName().equals(account))) {
                add(provider, key, ACCOUNT, "an account has keys of one provider only, and '"
                        + providers.get(other).name() + "' has this one too");
                return;
            }
        }
        var keys = providers.get(provider).keys();
        var named = keys.stream().filter(it -> it.name().equals(account)).findFirst();
        if (named.isPresent()) {
            another(provider, key, named.get());
        } else if (entry.rateRpm() == null
                && keys.stream().filter(it -> account.equals(it.account())).count() < 2) {
            var names = keys.stream().map(KeyEntry::name).filter(name -> !name.equals(entry.name())).toList();
            add(provider, key, ACCOUNT, "no other key has this account" + Suggestion.of(account, names)
                    .map(name -> ": perhaps '" + name + "' is meant").orElse(""));
        } else {
            shared(provider, key, RPM, KeyEntry::rateRpm);
            shared(provider, key, TPM, KeyEntry::rateTpm);
        }
    }

    /** The key spends the budget of a key that has one. */
    private void another(int provider, int key, KeyEntry named) {
        var entry = providers.get(provider).keys().get(key);
        if (named.account() != null) {
            add(provider, key, ACCOUNT, "the key '" + named.name() + "' has no budget of its own: name the account '"
                    + named.account() + "'");
        }
        repeats(provider, key, RPM, entry.rateRpm(), Objects.requireNonNullElse(named.rateRpm(), KeyEntry.USUAL_RPM));
        repeats(provider, key, TPM, entry.rateTpm(), Objects.requireNonNullElse(named.rateTpm(), KeyEntry.ANY_TPM));
    }

    /** So the key stays as it is when the other one is taken away. */
    private void repeats(int provider, int key, String field, @Nullable Integer own, int limit) {
        if (own != null && own != limit) {
            var account = providers.get(provider).keys().get(key).account();
            add(provider, key, field, "has no effect: the limit is that of the key '" + account + "', " + limit);
        }
    }

    /** The keys of a shared name say the same limit, or nothing. */
    private void shared(int provider, int key, String field, Function<KeyEntry, @Nullable Integer> rate) {
        var keys = providers.get(provider).keys();
        var entry = keys.get(key);
        var own = rate.apply(entry);
        keys.subList(0, key).stream().filter(it -> Objects.equals(it.account(), entry.account()))
                .filter(it -> rate.apply(it) != null).findFirst()
                .filter(first -> own != null && !own.equals(rate.apply(first)))
                .ifPresent(first -> add(provider, key, field, "the key '" + first.name()
                        + "' says another limit for the account that they share"));
    }

    private void add(int provider, int key, String field, String reason) {
        findings.add(Finding.at(reason, ProviderRules.PROVIDERS, provider, ProviderRules.KEYS, key, field));
    }
}
