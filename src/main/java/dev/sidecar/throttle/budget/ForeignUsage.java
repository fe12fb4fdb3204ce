package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Detects that somebody else spends the provider's limit too: the provider reports more usage than the sidecar can have
 * caused. Immutable; the functions are pure, times are in nanoseconds of one monotonic clock.
 *
 * <h2>What is known</h2>
 * Let <i>d</i> = limit − remaining be the usage that a reading states, and <i>own(A, B]</i> the sidecar's own requests
 * between two moments. Whatever the provider counts with (fixed window, sliding log, bucket), these bounds hold for the
 * usage of others within the minute before a reading B:
 * <ol>
 * <li>others ≥ d(B) − own(B − 60 s, B]: nothing older than a minute is still used up.
 * <li>others ≥ d(B) − d(A) − own(A, B] for every earlier reading A of that minute: returning slots only lower d(B).
 * <li>For a bucket, which gives back <i>limit</i> a minute as long as it is not full: others ≥ d(B) − the d(B) that own
 * requests alone would cause, starting from d(A). The provider counts as a bucket once several readings with different
 * d, over 20 s and without exception, announce a full limit after d / limit of a minute.
 * </ol>
 * The best bound of the last minute is the estimate, so it also holds after a fixed window was renewed. It never
 * exceeds the usage of others, as long as the provider counts a request within {@link #GRACE} of its sending. Every
 * reading belongs to the time when its request was sent, not to the time of the response. All requests that may be
 * counted by then are taken as own. So the order and the duration of responses do not matter. A reading that a later
 * request has overtaken is left out.
 *
 * @param limit the requests per minute in the readings; 0 before the first
 * @param sends the number of requests sent at several times, oldest first
 * @param readings the readings of the last minute and a little more, at most one in {@link #SPACING}, oldest first
 * @param latest when the request of the latest reading was sent
 * @param run the latest readings that agree with a bucket
 */
public record ForeignUsage(int limit, List<Sends> sends, List<Reading> readings, long latest, Run run) {

    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;

    /** A provider may count a request this long after it was sent. */
    static final long GRACE = SECOND;

    /** The smallest distance of two kept records. */
    static final long SPACING = SECOND;

    /** How long a response may take and still be read. */
    private static final long LONGEST_RESPONSE = 2 * MINUTE;

    /** So small that a bound which depends on it says nothing. */
    private static final long NOT_KNOWN = Long.MIN_VALUE / 4;

    private static final long LONG_ENOUGH = 20 * SECOND;
    private static final int ENOUGH_READINGS = 5;

    /**
     * A total of sent requests.
     *
     * @param at when
     * @param total how many until then
     */
    record Sends(long at, long total) {
    }

    /**
     * The content of a response.
     *
     * @param at when its request was sent
     * @param used the usage at that time
     * @param sentBefore the smallest number of own requests counted by then
     * @param others a lower bound of the usage of others in the minute before
     */
    record Reading(long at, int used, long sentBefore, int others) {

        Reading withOthers(int more) {
            return new Reading(at, used, sentBefore, Math.max(others, more));
        }
    }

    /**
     * Readings one after the other that agree with a bucket.
     *
     * @param since when the first of them was sent
     * @param until when the latest was sent
     * @param count how many there are
     * @param least the smallest usage in them
     * @param most the largest usage in them
     */
    record Run(long since, long until, int count, int least, int most) {

        static Run none(long at) {
            return new Run(at, at, 0, Integer.MAX_VALUE, 0);
        }

        Run with(long at, int used) {
            return new Run(count == 0 ? at : since, at, Math.min(ENOUGH_READINGS, count + 1), Math.min(least, used),
                    Math.max(most, used));
        }

        /** Different values are necessary: a provider that always states the same could agree by chance. */
        boolean proves(int limit) {
            return count >= ENOUGH_READINGS && until - since >= LONG_ENOUGH
                    && most - least >= Math.max(3, limit / 8);
        }
    }

    public ForeignUsage {
        sends = List.copyOf(sends);
        readings = List.copyOf(readings);
    }

    /**
     * The state before the first reading.
     *
     * @param ownSends how many requests were sent until now
     */
    public static ForeignUsage unseen(long ownSends, long now) {
        return new ForeignUsage(0, List.of(new Sends(now, ownSends)), List.of(), now, Run.none(now));
    }

    /**
     * The state of another process that has seen others. What was sent until now is not known, so its readings say nothing
     * beyond that.
     *
     * @param others the requests that others used in a minute
     * @param seenAt when that was seen last
     * @param ownSends how many requests were sent until now
     */
    static ForeignUsage known(int others, long seenAt, int limitPerMinute, long ownSends, long now) {
        return new ForeignUsage(limitPerMinute, List.of(new Sends(now, ownSends)),
                List.of(new Reading(seenAt, limitPerMinute, 0, others)), seenAt, Run.none(now));
    }

    /**
     * The state after a reading. All readings must be of one limit of the provider; where it counts per model, the
     * caller keeps one state per model. When the limit itself changes, readings under the old one are forgotten.
     *
     * @param remaining the remaining requests that the response states, at least 0
     * @param limitPerMinute the allowed requests in a minute that the response states, at least 1
     * @param reset the time after which the limit is full or renewed, as the response states it
     * @param sentAt when the request was sent
     * @param ownSendsSoFar how many requests were sent until now, this one included
     * @param now when the response came
     */
    public ForeignUsage observe(int remaining, int limitPerMinute, Optional<Duration> reset, long sentAt,
            long ownSendsSoFar, long now) {
        List<Sends> nowSent = sent(ownSendsSoFar, now);
        int used = Math.max(0, limitPerMinute - remaining);
        if (limitPerMinute != limit) {
            var first = new Reading(sentAt, used, totalAt(nowSent, sentAt - GRACE), 0);
            return new ForeignUsage(limitPerMinute, nowSent, List.of(first), sentAt,
                    Run.none(sentAt));
        }
        if (sentAt - latest < 0) {
            return new ForeignUsage(limit, nowSent, readings, latest, run);
        }
        Run newRun = agrees(used, reset) ? run.with(sentAt, used) : Run.none(sentAt);
        long counted = totalAfter(nowSent, sentAt + GRACE, ownSendsSoFar);
        int others = others(used, sentAt, counted, nowSent, newRun.proves(limit));
        return new ForeignUsage(limit, nowSent, read(used, sentAt, totalAt(nowSent, sentAt - GRACE), others), sentAt,
                newRun);
    }

    /** A lower bound of the requests that others used in a minute, as seen in the last one; 0 if none was seen. */
    public int othersPerMinute(long now) {
        int most = 0;
        for (Reading reading : readings) {
            if (now - reading.at() <= MINUTE) {
                most = Math.max(most, reading.others());
            }
        }
        return most;
    }

    /** Since others were seen last; 0 if they were not. */
    long age(long now) {
        long age = 0;
        for (Reading reading : readings) {
            if (reading.others() > 0) {
                age = now - reading.at();
            }
        }
        return age;
    }

    private List<Sends> sent(long total, long now) {
        if (now - sends.getLast().at() < SPACING) {
            return sends;
        }
        var kept = new ArrayList<Sends>();
        for (int i = 0; i < sends.size(); i++) {
            // A too old record is still needed if it is the latest of them.
            if (i == sends.size() - 1 || now - sends.get(i + 1).at() < MINUTE + LONGEST_RESPONSE) {
                kept.add(sends.get(i));
            }
        }
        kept.add(new Sends(now, total));
        return kept;
    }

    private List<Reading> read(int used, long sentAt, long sentBefore, int others) {
        if (!readings.isEmpty() && sentAt - readings.getLast().at() < SPACING) {
            if (others <= readings.getLast().others()) {
                return readings;
            }
            var changed = new ArrayList<>(readings);
            changed.add(changed.removeLast().withOthers(others));
            return changed;
        }
        var kept = new ArrayList<Reading>();
        for (Reading reading : readings) {
            if (sentAt - reading.at() <= MINUTE + GRACE) {
                kept.add(reading);
            }
        }
        kept.add(new Reading(sentAt, used, sentBefore, others));
        return kept;
    }

    /** Whether a bucket would state this: rounding hides up to one request and one second. */
    private boolean agrees(int used, Optional<Duration> reset) {
        double perRequest = MINUTE / (double) limit;
        return reset.isPresent() && Math.abs(reset.get().toNanos() - used * perRequest) <= perRequest + SECOND;
    }

    /** The largest of the lower bounds; 0 if a few requests on their way explain it. */
    private int others(int used, long at, long counted, List<Sends> nowSent, boolean bucket) {
        long bound = used - (counted - totalAt(nowSent, at - MINUTE - GRACE));
        double fromIdle = bucket ? usedFromIdle(at, counted, nowSent) : 0;
        for (Reading from : readings) {
            long age = at - from.at();
            // The provider may have counted a younger one after this one, even in the next window.
            if (age >= GRACE && age <= MINUTE) {
                double alone = from.used() + (counted - from.sentBefore());
                if (bucket) {
                    alone = Math.max(fromIdle, alone - refill(age - GRACE)) + 1;
                }
                bound = Math.max(bound, (long) Math.floor(used - alone));
            }
        }
        return bound < Math.max(2, Math.ceilDiv(limit, 20)) ? 0 : (int) bound;
    }

    /** The largest usage that own requests alone can cause in a bucket that was full at any time of the last minute. */
    private double usedFromIdle(long at, long counted, List<Sends> nowSent) {
        double most = 0;
        for (int i = 0; i < nowSent.size() && nowSent.get(i).at() - at < 0; i++) {
            long age = i + 1 < nowSent.size() ? at - nowSent.get(i + 1).at() : 0;
            if (age <= MINUTE) {
                most = Math.max(most, counted - nowSent.get(i).total() - refill(age - GRACE));
            }
        }
        return most;
    }

    private double refill(long time) {
        return Math.max(0, time) * (limit / (double) MINUTE);
    }

    /** A lower bound of the requests sent until a moment; {@link #NOT_KNOWN} before the first record. */
    private static long totalAt(List<Sends> sends, long at) {
        long total = NOT_KNOWN;
        for (Sends each : sends) {
            if (each.at() - at > 0) {
                break;
            }
            total = each.total();
        }
        return total;
    }

    /** An upper bound of the requests sent until a moment. */
    private static long totalAfter(List<Sends> sends, long at, long soFar) {
        for (Sends each : sends) {
            if (each.at() - at >= 0) {
                return each.total();
            }
        }
        return soFar;
    }
}
