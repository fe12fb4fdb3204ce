package dev.sidecar.testkit;

import java.util.ArrayList;
import java.util.List;

/** One header line, in the case in which it was or will be on the wire. */
public record Header(String name, String value) {

    /** Headers from alternating names and values. */
    public static List<Header> list(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("names and values must come in pairs, got " + namesAndValues.length);
        }
        List<Header> headers = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(new Header(namesAndValues[i], namesAndValues[i + 1]));
        }
        return List.copyOf(headers);
    }

    boolean is(String other) {
        return name.equalsIgnoreCase(other);
    }
}
