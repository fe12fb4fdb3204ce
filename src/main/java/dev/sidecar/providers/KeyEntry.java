package dev.sidecar.providers;

import org.jspecify.annotations.Nullable;

/**
 * A key in the file: it says where the value is, and never has it. Immutable.
 *
 * @param env the environment variable with the value; null where a file has it
 * @param file the file with the value, from the folder of the configuration file; null where a variable has it
 * @param account another key of the provider whose budget it spends, or a name that several keys share; null for its own
 * @param rateRpm requests that the account may send in any 60 s; 40 where it is absent
 * @param rateTpm tokens that the account may use in any 60 s; 0, for any number, where it is absent
 */
public record KeyEntry(String name, @Nullable String env, @Nullable String file, @Nullable String account,
        @Nullable Integer rateRpm, @Nullable Integer rateTpm) {

    static final int USUAL_RPM = 40;
    static final int ANY_TPM = 0;

    /** The name of the account whose budget it spends. */
    String accountName() {
        return account == null ? name : account;
    }
}
