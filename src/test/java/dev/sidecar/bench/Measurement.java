package dev.sidecar.bench;

import java.util.Locale;

/** What is measured at the sidecar alone, and only when it is asked for. */
enum Measurement {

    CROWD, WARM_UP;

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
