package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sees that somebody else spends the provider's limit too: what is used up according to the provider, and is more than we can
 * have used. Immutable; the functions are pure, times are in nanoseconds of one monotonic clock.
 *
 * <h2>What is known</h2>
 * Let <i>d</i> = limit − remaining be what a reading says is used up, and <i>own(A, B]</i> what we sent between two moments.
 * Whatever the provider counts with (fixed window, sliding log, bucket), these hold for what others used within the minute
 * before a reading B:
 * <ol>
 * <li>others ≥ d(B) − own(B − 60 s, B]: nothing older than a minute is still used up.
 * <li>others ≥ d(B) − d(A) − own(A, B] for every earlier reading A of that minute: what comes back only lowers d(B).
 * <li>For a bucket, which gives back <i>limit</i> a minute as long as it is not full: others ≥ d(B) − what d(B) would be with
 * our own requests alone, starting from d(A). It is taken for a bucket after some readings of different d, over 20 s and without
 * an exception, said that it is full again after d / limit of a minute.
 * </ol>
 * The best of them over the last minute is the estimate, so that it also stands after a fixed window was renewed. It never is
 * more than others used, as long as a request is counted within {@link #GRACE} of being sent: every reading is placed at the
 * time when its request was sent, not when the answer came, and all that may have been counted by then is taken as ours. So
 * the order of the answers, and how long they take, do not matter. One that a later sent request has overtaken is left out.
 *
 * @param limit the requests per minute that the readings are of; 0 before the first
 * @param sends how many requests had been sent when, oldest first
 * @param readings the readings of the last minute and a little more, at most one in {@link #SPACING}, oldest first
 * @param latest when the request of the latest reading was sent
 * @param run the latest readings that agree with a bucket
 */
public record ForeignUsage(int limit, List<Sends> sends, List<Reading> readings, long latest, Run run) {

    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;

    /** How long after it was sent a request may be counted by the provider. */
    static final long GRACE = SECOND;

    /** The least distance of what is kept. */
    static final long SPACING = SECOND;

    /** How long an answer may take, and still be read. */
    private static final long LONGEST_ANSWER = 2 * MINUTE;

    /** So few sends that a bound which needs to know them says nothing. */
    private static final long NOT_KNOWN = Long.MIN_VALUE / 4;

    private static final long LONG_ENOUGH = 20 * SECOND;
    private static final int ENOUGH_READINGS = 5;

    /**
     * How many requests had been sent.
     *
     * @param at when
     * @param total how many until then
     */
    record Sends(long at, long total) {
    }

    /**
     * What an answer said.
     *
     * @param at when its request was sent
     * @param used what was used up then
     * @param sentBefore how many own requests were counted by then at the least
     * @param others what others had used at the least in the minute before, as far as it could be told
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
     * @param least the least that was used up in them
     * @param most the most that was used up in them
     */
    record Run(long since, long until, int count, int least, int most) {

        static Run none(long at) {
            return new Run(at, at, 0, Integer.MAX_VALUE, 0);
        }

        Run with(long at, int used) {
            return new Run(count == 0 ? at : since, at, Math.min(ENOUGH_READINGS, count + 1), Math.min(least, used),
                    Math.max(most, used));
        }

        /** A provider that always says the same could agree by chance. */
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
     * Nothing read yet.
     *
     * @param ownSends how many requests were sent so far
     */
    public static ForeignUsage unseen(long ownSends, long now) {
        return new ForeignUsage(0, List.of(new Sends(now, ownSends)), List.of(), now, Run.none(now));
    }

    /**
     * The state after a reading. All readings must be of one limit of the provider (where it counts for each model, so must
     * the caller); when the limit itself changes, what was seen under the old one is forgotten.
     *
     * @param remaining what the answer says is left, at least 0
     * @param limitPerMinute what the answer says is allowed in a minute, at least 1
     * @param reset when the answer says that the limit is full or renewed, from then on
     * @param sentAt when the request of the answer was sent
     * @param ownSendsSoFar how many requests were sent until now, this one included
     * @param now when the answer came
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

    /** How many requests others used at the least in a minute, as seen in the last one; 0 if nobody was seen. */
    public int othersPerMinute(long now) {
        int most = 0;
        for (Reading reading : readings) {
            if (now - reading.at() <= MINUTE) {
                most = Math.max(most, reading.others());
            }
        }
        return most;
    }

    private List<Sends> sent(long total, long now) {
        if (now - sends.getLast().at() < SPACING) {
            return sends;
        }
        var kept = new ArrayList<Sends>();
        for (int i = 0; i < sends.size(); i++) {
            // One that is too old is still needed if it is the latest of these.
            if (i == sends.size() - 1 || now - sends.get(i + 1).at() < MINUTE + LONGEST_ANSWER) {
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

    /** Whether a bucket would say so: rounding hides up to one request and one second. */
    private boolean agrees(int used, Optional<Duration> reset) {
        double perRequest = MINUTE / (double) limit;
        return reset.isPresent() && Math.abs(reset.get().toNanos() - used * perRequest) <= perRequest + SECOND;
    }

    /** The largest of the lower bounds; 0 if it is small enough to come from a few requests on their way. */
    private int others(int used, long at, long counted, List<Sends> nowSent, boolean bucket) {
        long bound = used - (counted - totalAt(nowSent, at - MINUTE - GRACE));
        double fromIdle = bucket ? usedFromIdle(at, counted, nowSent) : 0;
        for (Reading from : readings) {
            long age = at - from.at();
            // A younger one may have been counted after this one, even in the next window.
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

    /** The most that our requests alone can have used up of a bucket that was full at any time of the last minute. */
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

    /** How many were sent until a moment, at the least; {@link #NOT_KNOWN} before the first record. */
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

    /** How many were sent until a moment, at the most. */
    private static long totalAfter(List<Sends> sends, long at, long soFar) {
        for (Sends each : sends) {
            if (each.at() - at >= 0) {
                return each.total();
            }
        }
        return soFar;
    }
}
