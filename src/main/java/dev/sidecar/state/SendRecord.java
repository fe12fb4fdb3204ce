package dev.sidecar.state;

import dev.sidecar.throttle.budget.BudgetRule;
import java.nio.ByteBuffer;

/**
 * One record of the ledger: a send, or a slot that may become one. Immutable.
 *
 * @param kind what it is
 * @param stamp a reading of the monotonic clock; see {@link Kind}
 * @param account a number that stands for the account
 */
record SendRecord(Kind kind, long stamp, long account) {

    /** The length in octets: four words. */
    static final int LENGTH = 32;

    /** What a record is. */
    enum Kind {
        /** A slot that was handed out then, and may be sent at any time. */
        IN_HAND(1),
        /** A request that arrives then at the latest. */
        SENT(2),
        /** Then a full window of every account was counted. */
        FULL(3),
        /** A send found no room: from then on nobody knows what was sent. */
        LOST(4);

        /** As it is written; never 0. */
        private final long word;

        Kind(long word) {
            this.word = word;
        }
    }

    /** Whether the provider may still count it. */
    boolean counts(long now) {
        return kind != Kind.SENT || now - stamp < BudgetRule.PERIOD;
    }

    void writeTo(ByteBuffer buffer, int at) {
        long word = kind.word;
        buffer.putLong(at, stamp);
        buffer.putLong(at + 8, account);
        buffer.putLong(at + 16, word);
        buffer.putLong(at + 24, checksum(stamp, account, word));
    }

    static void erase(ByteBuffer buffer, int at) {
        buffer.putLong(at + 16, 0);
        buffer.putLong(at + 24, 0);
        buffer.putLong(at, 0);
        buffer.putLong(at + 8, 0);
    }

    /** Whether nothing is written there. */
    static boolean isErased(ByteBuffer buffer, int at) {
        return (buffer.getLong(at) | buffer.getLong(at + 8) | buffer.getLong(at + 16) | buffer.getLong(at + 24)) == 0;
    }

    /** Whether another record may be written there. Only for what this process has written. */
    static boolean isFree(ByteBuffer buffer, int at, long now) {
        long word = buffer.getLong(at + 16);
        return word == 0 || word == Kind.SENT.word && now - buffer.getLong(at) >= BudgetRule.PERIOD;
    }

    /** @throws TornException where the record was not written to its end */
    static SendRecord read(ByteBuffer buffer, int at) throws TornException {
        long stamp = buffer.getLong(at);
        long account = buffer.getLong(at + 8);
        long word = buffer.getLong(at + 16);
        for (Kind each : Kind.values()) {
            if (each.word == word && buffer.getLong(at + 24) == checksum(stamp, account, word)) {
                return new SendRecord(each, stamp, account);
            }
        }
        throw new TornException();
    }

    /** Any change of one word changes it: each step can be undone, after Stafford's mix for SplitMix64. */
    static long checksum(long... words) {
        long sum = 0x9e3779b97f4a7c15L;
        for (long each : words) {
            sum = mix(sum + mix(each + 0x9e3779b97f4a7c15L));
        }
        return sum;
    }

    private static long mix(long word) {
        long mixed = (word ^ word >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }

    /** The process ended while it wrote this record. */
    static final class TornException extends Exception {

        private static final long serialVersionUID = 1;
    }
}
