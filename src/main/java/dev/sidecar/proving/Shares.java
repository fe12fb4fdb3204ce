package dev.sidecar.proving;

import dev.sidecar.proving.Figures.Served;
import java.util.Arrays;
import java.util.List;

/**
 * What callers of one class got, beside what is due to each: weighted max-min fairness. Nobody is due more than it asked
 * for, and the others divide the rest by their weights. Immutable.
 *
 * @param due the part of all accepted requests that is due to each caller, 0 to 1
 * @param given the part that it got
 */
record Shares(List<Double> due, List<Double> given) {

    Shares {
        due = List.copyOf(due);
        given = List.copyOf(given);
    }

    static Shares of(List<Served> callers) {
        double total = callers.stream().mapToLong(Served::accepted).sum();
        double[] due = due(callers, total);
        return new Shares(Arrays.stream(due).mapToObj(each -> each / total).toList(),
                callers.stream().map(each -> each.accepted() / total).toList());
    }

    private static double[] due(List<Served> callers, double total) {
        double[] due = new double[callers.size()];
        boolean[] content = new boolean[callers.size()];
        double rest = total;
        boolean settled = false;
        while (!settled) {
            settled = true;
            double perWeight = rest / weight(callers, content);
            for (int i = 0; i < due.length && settled; i++) {
                Served each = callers.get(i);
                if (!content[i] && each.asked() <= perWeight * each.weight()) {
                    content[i] = true;
                    due[i] = each.asked();
                    rest -= due[i];
                    settled = false;
                } else if (!content[i]) {
                    due[i] = perWeight * each.weight();
                }
            }
        }
        return due;
    }

    private static double weight(List<Served> callers, boolean[] content) {
        double sum = 0;
        for (int i = 0; i < content.length; i++) {
            sum += content[i] ? 0 : callers.get(i).weight();
        }
        return sum;
    }

    /**
     * Jain's index of given over due [1]: 1 if each caller got what is due to it, one over the number of callers if one
     * got everything.
     *
     * <p>
     * [1] R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness and Discrimination for Resource Allocation in
     * Shared Computer Systems, DEC-TR-301, 1984.
     */
    double jain() {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < due.size(); i++) {
            double ratio = given.get(i) / due.get(i);
            sum += ratio;
            squares += ratio * ratio;
        }
        return sum * sum / (due.size() * squares);
    }
}
