package dev.sidecar.bench;

import java.util.List;

/**
 * What a process has in memory, in megabytes of a million bytes; NaN where nobody counts.
 *
 * @param resident all of it
 * @param anonymous heap, stacks and whatever else no file backs: what the kernel cannot take back
 * @param file pages of files, such as the jar and what the JVM has learned
 * @param peak the most that was ever resident
 */
record Memory(double resident, double anonymous, double file, double peak) {

    /** Reads the lines of {@code /proc/PID/status}. */
    static Memory of(List<String> status) {
        return new Memory(megabytes(status, "VmRSS"), megabytes(status, "RssAnon"), megabytes(status, "RssFile"),
                megabytes(status, "VmHWM"));
    }

    /** The kernel says kB and means 1024 bytes. */
    private static double megabytes(List<String> status, String name) {
        String value = ProcFile.value(status, name);
        return value.isEmpty() ? Double.NaN : Long.parseLong(value.replace("kB", "").strip()) * 1024 / 1e6;
    }
}
