package dev.sidecar.fleet;

import dev.sidecar.throttle.pool.AccountId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this home may send of each limit, and what it knows about all others. Its part becomes smaller at once when it agrees to a
 * proposal, and larger only when that proposal is settled: when everybody present has agreed. So whatever messages are lost, the
 * parts of all homes together never exceed a limit.
 *
 * <p>
 * Not thread-safe, no clock.
 */
final class OwnParts {

    private final String home;
    private Tables tables;
    private Map<AccountId, Integer> parts = new LinkedHashMap<>();

    /** @param known from an earlier process of the same home */
    OwnParts(String home, Tables known) {
        this.home = home;
        this.tables = known;
        if (known.settled() != null) {
            known.settled().rows().forEach(row -> parts.put(row.account(), row.part(home)));
        }
        if (known.proposed() != null) {
            lower(known.proposed());
        }
    }

    Tables tables() {
        return tables;
    }

    /** What it may send of each limit. */
    Map<AccountId, Integer> parts() {
        return Map.copyOf(parts);
    }

    int part(AccountId account) {
        return parts.getOrDefault(account, 0);
    }

    /** Whether it may send nothing at all. */
    boolean hasNone() {
        return parts.values().stream().allMatch(each -> each == 0);
    }

    /** Whether it may send nothing, and the others know that. */
    boolean areGivenUp() {
        return hasNone() && tables.proposed() == null;
    }

    /**
     * A leader proposes a table.
     *
     * @param basis the highest version that the leader knows of this home
     * @return false if this home knows a later one, which the leader must hear of first
     */
    boolean agree(Table table, Version basis) {
        if (proposed(table.version()) != null) {
            return true;
        }
        if (!basis.equals(tables.highest()) || table.version().compareTo(basis) <= 0) {
            return false;
        }
        tables = new Tables(tables.settled(), table);
        lower(table);
        return true;
    }

    private void lower(Table table) {
        parts.replaceAll((account, part) -> Math.min(part, table.part(account, home)));
    }

    private @Nullable Table proposed(Version version) {
        Table proposed = tables.proposed();
        return proposed != null && proposed.version().equals(version) ? proposed : null;
    }

    /**
     * Everybody present has agreed to this version.
     *
     * @return the table, if this home had agreed to it too and has its parts from now on
     */
    @Nullable
    Table settle(Version version) {
        Table table = proposed(version);
        if (table != null) {
            tables = new Tables(table, null);
            parts = new LinkedHashMap<>();
            table.rows().forEach(row -> parts.put(row.account(), row.part(home)));
        }
        return table;
    }
}
