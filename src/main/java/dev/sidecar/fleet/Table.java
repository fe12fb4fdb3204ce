package dev.sidecar.fleet;

import dev.sidecar.throttle.pool.AccountId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who may send which part of each limit. The parts of a limit never add up to more than it. Immutable.
 *
 * @param rows one for each account
 */
public record Table(Version version, List<Row> rows) {

    public Table {
        rows = List.copyOf(rows);
    }

    /**
     * The division of one limit.
     *
     * @param limit requests in any 60 s, of all homes together
     * @param parts of each home; a home that is not named has none
     */
    public record Row(AccountId account, int limit, Map<String, Integer> parts) {

        public Row {
            parts = Map.copyOf(parts);
        }

        int part(String home) {
            return parts.getOrDefault(home, 0);
        }
    }

    int part(AccountId account, String home) {
        return rows.stream().filter(each -> each.account.equals(account)).mapToInt(each -> each.part(home)).sum();
    }

    int limit(AccountId account) {
        return rows.stream().filter(each -> each.account.equals(account)).mapToInt(Row::limit).sum();
    }

    Set<String> homes() {
        Set<String> homes = new TreeSet<>();
        rows.forEach(each -> homes.addAll(each.parts.keySet()));
        return homes;
    }
}
