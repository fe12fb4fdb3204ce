package dev.sidecar.providers;

/**
 * What a provider allows one account, whichever of its keys is used. Immutable.
 *
 * @param name that of its key, or one that several keys share
 * @param rateRpm requests in any 60 s
 * @param rateTpm tokens in any 60 s; 0: not limited
 */
public record AccountLimit(String name, int rateRpm, int rateTpm) {
}
