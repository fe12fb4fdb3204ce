package dev.sidecar.bench;

import java.util.Locale;

/** What the sidecar is to stay below: an absolute figure, or a multiple of another one. */
record Goal(double limit, boolean ofRatio, boolean strict, String text) {

    static final Goal NONE = new Goal(Double.NaN, false, true, "");

    static Goal below(double limit, String unit) {
        return new Goal(limit, false, true, "< %.0f %s".formatted(limit, unit));
    }

    static Goal atMost(double limit, String unit) {
        return new Goal(limit, false, false, String.format(Locale.ROOT, "≤ %.1f %s", limit, unit).strip());
    }

    static Goal atMostTimesVertx(double limit) {
        return new Goal(limit, true, false, String.format(Locale.ROOT, "≤ %.1f × Vert.x", limit));
    }

    /** {@code yes}, {@code NO}, or nothing where there is no goal or no figure. */
    String met(double figure, double ratio) {
        double judged = ofRatio ? ratio : figure;
        if (Double.isNaN(limit) || Double.isNaN(judged)) {
            return "";
        }
        return (strict ? judged < limit : judged <= limit) ? "yes" : "NO";
    }
}
