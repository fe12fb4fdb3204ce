package dev.sidecar.state;

import dev.sidecar.state.SendRecord.Kind;
import dev.sidecar.throttle.budget.AccountLedger;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.Ledger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of sends in {@link SendRing files}. A record is used again when the provider no longer counts its request.
 *
 * <p>
 * Called under the throttle's lock, except for {@link #room}, {@link #add} and the figures, which one other thread calls.
 * Before the first file is added it writes nothing down.
 */
final class FileLedger implements Ledger {

    /** For the first record of the first file, which says what no single send says. */
    private static final int RESERVED = 1;
    /** Never fewer, so that a limit may rise by this much at once. */
    private static final int LEAST_ROOM = 4_096;
    /** So many are looked at for a free one. */
    private static final int LONGEST_LOOK = 1_024;
    private static final int NOWHERE = -1;

    private final Map<AccountId, Page> pages = new HashMap<>();
    /** Replaced, never changed. */
    private volatile SendRing[] rings = {};
    private volatile int needed = LEAST_ROOM;
    private volatile boolean lost;
    private volatile long changes;
    private int cursor;

    @Override
    public AccountLedger of(AccountId account) {
        return pages.computeIfAbsent(account, id -> new Page(AccountNumber.of(id)));
    }

    /** All accounts that have a part. */
    Set<AccountId> accounts() {
        return Set.copyOf(pages.keySet());
    }

    /** How many records are missing, 0 if none are. */
    int room() {
        long there = Arrays.stream(rings).mapToLong(SendRing::records).sum();
        return (int) Math.max(0, needed - there);
    }

    /** Takes a further file into use. */
    void add(SendRing ring) {
        SendRing[] more = Arrays.copyOf(rings, rings.length + 1);
        more[rings.length] = ring;
        rings = more;
    }

    /** Whether a send was not written down. */
    boolean hasLost() {
        return lost;
    }

    /** A number that changes with each change. */
    long changes() {
        return changes;
    }

    /** The limits of the accounts together ask for so many records: half as many again, for slots in hand and long uploads. */
    private void need() {
        long all = pages.values().stream().mapToLong(each -> each.perMinute).sum();
        needed = (int) Math.min(Integer.MAX_VALUE / SendRecord.LENGTH - LEAST_ROOM, LEAST_ROOM + all + all / 2);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time, under the throttle's lock
    private void changed() {
        changes++;
    }

    private int claim(SendRecord content, long now) {
        changed();
        SendRing[] files = rings;
        int all = 0;
        for (SendRing each : files) {
            all += each.records();
        }
        for (int i = Math.min(all - RESERVED, LONGEST_LOOK); i > 0; i--) {
            cursor = cursor + 1 < all ? cursor + 1 : RESERVED;
            int record = cursor;
            for (SendRing each : files) {
                if (record < each.records()) {
                    if (each.isFree(record, now)) {
                        each.put(record, content);
                        return cursor;
                    }
                    break;
                }
                record -= each.records();
            }
        }
        if (all > 0) {
            files[0].put(0, new SendRecord(Kind.LOST, now, 0));
            lost = true;
        }
        return NOWHERE;
    }

    /** @param content null to erase what is there */
    private void write(int entry, @Nullable SendRecord content) {
        if (entry == NOWHERE) {
            return;
        }
        changed();
        int record = entry;
        for (SendRing each : rings) {
            if (record < each.records()) {
                if (content == null) {
                    each.erase(record);
                } else {
                    each.put(record, content);
                }
                return;
            }
            record -= each.records();
        }
    }

    /** The part of one account. */
    private final class Page implements AccountLedger {

        private final long account;
        private int perMinute;

        Page(long account) {
            this.account = account;
        }

        @Override
        public void limit(int most) {
            perMinute = most;
            need();
        }

        @Override
        public int granted(long now) {
            return claim(new SendRecord(Kind.IN_HAND, now, account), now);
        }

        @Override
        public void sent(int entry, long arrivesBy) {
            write(entry, new SendRecord(Kind.SENT, arrivesBy, account));
        }

        @Override
        public void givenBack(int entry) {
            write(entry, null);
        }
    }
}
