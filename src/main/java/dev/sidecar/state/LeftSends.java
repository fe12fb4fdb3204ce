package dev.sidecar.state;

import dev.sidecar.state.SendRecord.Kind;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.BudgetState;
import dev.sidecar.throttle.pool.AccountId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an earlier process has sent, as far as the provider may still count it. Immutable.
 *
 * @param records what counts, with each slot in hand as sent now
 * @param torn how many records were not written to their end; each counts as sent now, for every account
 * @param full when a full window was counted, if that still counts
 */
record LeftSends(List<SendRecord> records, int torn, Optional<Long> full) {

    /** No record may be further in the future: a request that took long to write may arrive for as long again. */
    private static final long FUTURE = BudgetRule.PERIOD;

    /** A slot in hand may have been lent to another replica, which may still send with it for some seconds. */
    private static final long LATEST = BudgetRule.GUARD + 6_000_000_000L;

    static final LeftSends NONE = new LeftSends(List.of(), 0, Optional.empty());

    /** @throws UnknownSendsException where the records do not say what was sent */
    static LeftSends of(SendRing.Content content, long now) throws UnknownSendsException {
        List<SendRecord> counted = new ArrayList<>();
        Optional<Long> full = Optional.empty();
        for (SendRecord each : content.records()) {
            if (each.stamp() - now > FUTURE) {
                throw new UnknownSendsException("the ledger is of the future");
            }
            switch (each.kind()) {
                case LOST -> throw new UnknownSendsException("a send found no room in the ledger");
                case FULL -> full = later(full, each.stamp(), now);
                case IN_HAND -> counted.add(new SendRecord(Kind.SENT, now + LATEST, each.account()));
                case SENT -> {
                    if (each.counts(now)) {
                        counted.add(each);
                    }
                }
            }
        }
        return new LeftSends(counted, content.torn(), full);
    }

    /** Which full window counts for longer. */
    private static Optional<Long> later(Optional<Long> full, long stamp, long now) {
        boolean counts = now - stamp < BudgetRule.SPAN;
        return counts && (full.isEmpty() || stamp - full.get() > 0) ? Optional.of(stamp) : full;
    }

    /** A full window is counted now. */
    static LeftSends fullWindow(long now) {
        return new LeftSends(List.of(), 0, Optional.of(now));
    }

    /** The ages of what this account has sent. */
    List<Duration> ages(AccountId account, long now) {
        long number = AccountNumber.of(account);
        List<Duration> ages = new ArrayList<>();
        for (SendRecord each : records) {
            if (each.account() == number) {
                ages.add(Duration.ofNanos(now - each.stamp()));
            }
        }
        for (int i = 0; i < torn; i++) {
            ages.add(BudgetState.SENT_NOW);
        }
        return ages;
    }

    /** As the first records of a new file, whose first one is reserved. */
    List<SendRecord> toRecords(Iterable<AccountId> accounts, long now) {
        List<SendRecord> all = new ArrayList<>();
        all.add(new SendRecord(Kind.FULL, full.orElse(now - BudgetRule.SPAN), 0));
        all.addAll(records);
        for (AccountId account : accounts) {
            for (int i = 0; i < torn; i++) {
                all.add(new SendRecord(Kind.SENT, now + BudgetRule.GUARD, AccountNumber.of(account)));
            }
        }
        return all;
    }
}
