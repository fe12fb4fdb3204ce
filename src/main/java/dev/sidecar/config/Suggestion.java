package dev.sidecar.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Suggests an existing name for a misspelt one. Stateless. */
public final class Suggestion {

    private Suggestion() {
    }

    /** @return the existing name closest to {@code written}, if it is close enough: one error in four letters */
    public static Optional<String> of(String written, Collection<String> names) {
        return names.stream().filter(name -> distance(written, name) <= Math.max(1, written.length() / 4))
                .min(Comparator.comparingInt(name -> distance(written, name)));
    }

    /** The number of letters to insert, delete, replace or swap with their neighbour: optimal string alignment. */
    static int distance(String a, String b) {
        var costs = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    costs[i][j] = i + j;
                    continue;
                }
                var replaced = costs[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                costs[i][j] = Math.min(replaced, 1 + Math.min(costs[i - 1][j], costs[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    costs[i][j] = Math.min(costs[i][j], costs[i - 2][j - 2] + 1);
                }
            }
        }
        return costs[a.length()][b.length()];
    }
}
