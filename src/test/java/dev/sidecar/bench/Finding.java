package dev.sidecar.bench;

/**
 * One figure of a measurement that stands by itself, without another proxy to compare with.
 *
 * @param key for programs
 * @param name for people, with the unit
 */
record Finding(String key, String name, double value, Goal goal) {

    static Finding of(String key, String name, double value) {
        return new Finding(key, name, value, Goal.NONE);
    }
}
