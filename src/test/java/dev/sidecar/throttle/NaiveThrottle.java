package dev.sidecar.throttle;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The throttle written down a second time, as plainly as possible: one list of everybody, one list of sends, everything
 * looked up anew by walking through them. It knows nothing of the classes it is compared with but the enums.
 */
final class NaiveThrottle {

    static final long MINUTE = 60_000_000_000L;

    /** How long a request may be on its way. */
    static final long GUARD = 600_000_000L;

    /** What was sent: it arrives at the latest when it is answered, and after the guard in any case. */
    static final class Send {
        final long sentAt;
        @Nullable
        Long answeredAt;

        Send(long sentAt) {
            this.sentAt = sentAt;
        }

        /** When the provider no longer counts it, as far as can be known now. */
        long expiry(long now) {
            long arrived = now - sentAt >= GUARD ? sentAt + GUARD : now;
            return MINUTE + (answeredAt != null && answeredAt - arrived < 0 ? answeredAt : arrived);
        }
    }

    static final class Item {
        final int id;
        final Priority priority;
        final long arrival;
        final long deadline;
        final @Nullable String model;
        boolean inFlight;
        boolean atOnce;
        boolean ready;
        boolean inLine = true;
        boolean deferred;
        long due;
        long placed;
        long waited;
        int tries = 1;
        @Nullable
        String fate;

        Item(int id, Priority priority, @Nullable String model, long arrival, long deadline) {
            this.model = model;
            this.id = id;
            this.priority = priority;
            this.arrival = arrival;
            this.due = arrival;
            this.placed = arrival;
            this.deadline = deadline;
        }
    }

    /** A grant; the fields say what was so before it. */
    record Grant(int number, Priority priority, long grantedAtBefore, long plannedBefore, long lowPlannedBefore) {
    }

    /** What is known of a model that was refused. */
    static final class Cap {
        int cap;
        long quietSince;
        long next;
        long coolDown;
        boolean cooling;
    }

    final Map<String, Cap> caps = new HashMap<>();
    final Map<String, Long> releasedAt = new HashMap<>();
    Set<String> wasFull = new HashSet<>();
    final List<Item> everybody = new ArrayList<>();
    final List<Item> leaving = new ArrayList<>();
    final List<Send> sends = new ArrayList<>();
    /** When each was let by the full queue. */
    final List<Long> bypasses = new ArrayList<>();
    final Map<Priority, Integer> credit = new HashMap<>();
    int limit;
    int burst;
    int queueMax;
    boolean paced;
    boolean bypass;
    boolean closed;
    int unsent;
    int grants;
    boolean handedOver = true;
    long grantedAt;
    long planned;
    long lowPlanned;
    long paidAt;
    long allowance;
    /** When high or normal ones were refused. */
    final List<Long> refusals = new ArrayList<>();
    /** Of a copy that plays on: when what is used comes back. */
    @Nullable
    List<Long> comesBack;
    boolean othersKeepComing;
    /** What the latest admission or retry was told: its position, and from now the earliest start. */
    int position;
    long earliest;

    NaiveThrottle(ThrottleSettings settings, long now) {
        grantedAt = now - 1_000_000 * 1_000_000_000L;
        planned = grantedAt;
        lowPlanned = grantedAt;
        paidAt = grantedAt;
        limit = settings.limitPerMinute();
        configure(settings, now);
    }

    void configure(ThrottleSettings settings, long now) {
        long oldInterval = interval();
        if (limit != settings.limitPerMinute()) {
            bypasses.clear();
        }
        limit = settings.limitPerMinute();
        burst = settings.burstCapacity();
        queueMax = settings.queueMax();
        bypass = settings.passthroughWhenFull();
        paced = settings.pacing() == Pacing.PACED;
        double owed = Math.min(burst, Math.max(0, (paidAt - now) / (double) oldInterval));
        paidAt = now + (long) (owed * interval());
    }

    /** "queued", "bypassed" or the reason of the refusal. */
    String admit(int id, Priority priority, @Nullable String model, long patience, long now) {
        if (closed) {
            return "SHUTTING_DOWN";
        }
        settle(now);
        int size = size();
        boolean goes = !isFull(model) && atOrAbove(priority) == 0 && delay(priority, 1, true, now) <= 0;
        Item displaced = null;
        if (size >= queueMax && !(goes && atOrAbove(Priority.LOW) == 0)) {
            displaced = everybody.stream().filter(i -> i.inLine && i.priority.compareTo(priority) > 0)
                    .max(Comparator.<Item, Priority>comparing(i -> i.priority).thenComparingInt(i -> i.id))
                    .orElse(null);
            if (displaced == null && priority != Priority.LOW) {
                refusals.add(now);
            }
            long recent = bypasses.stream().filter(at -> now - at < MINUTE + GUARD).count();
            if (displaced == null && bypass && !isFull(model) && recent < Math.max(1, limit / 4)) {
                unsent++;
                bypasses.add(now);
                return "bypassed";
            }
            if (displaced == null) {
                return "QUEUE_FULL";
            }
        }
        earliest = earliestStart(priority, waiting(priority) + 1, atOrAbove(priority) + 1L, now) - now;
        if (earliest < patience && !goes) {
            boolean spread = (priority == Priority.LOW || isOverload(now)) && atOrAbove(priority) >= left(now);
            earliest = lastOf(priority, spread, now)
                    + (priority == Priority.LOW
                            ? Math.min(2_000_000_000L, patience / 5)
                            : Math.min(spread ? 2_000_000_000L : 250_000_000L, patience / (spread ? 10 : 20)));
        }
        if (earliest >= Math.max(0, patience)) {
            if (priority != Priority.LOW) {
                refusals.add(now);
            }
            return "DEADLINE_UNREACHABLE";
        }
        if (displaced != null) {
            drop(displaced, "QUEUE_FULL");
            tidy();
        }
        if (priority != Priority.LOW && atOrAbove(Priority.NORMAL) == 0) {
            allowance = left(now);
        }
        goes = !isFull(model) && atOrAbove(priority) == 0 && delay(priority, 1, true, now) <= 0;
        position = goes
                ? 1
                : 1 + (int) everybody.stream()
                        .filter(i -> i.inLine && i.priority.compareTo(priority) <= 0).count();
        everybody.add(new Item(id, priority, model, now, now + patience));
        everybody.getLast().atOnce = goes;
        return "queued";
    }

    /** Whether refusals have gone on for longer than a window, without a pause of one. */
    private boolean isOverload(long now) {
        long later = now;
        for (long each : refusals.reversed()) {
            if (later - each > MINUTE + GUARD) {
                return false;
            }
            if (now - each > MINUTE + GUARD) {
                return true;
            }
            later = each;
        }
        return false;
    }

    /** "queued" or the reason of the refusal. */
    String retry(int id, long backOff, long now) {
        finished(id, now);
        Item item = item(id);
        if (closed) {
            return "SHUTTING_DOWN";
        }
        earliest = Math.max(backOff, firstOf(item.priority, now));
        if (earliest >= item.deadline - now) {
            return "DEADLINE_UNREACHABLE";
        }
        position = 1 + (int) everybody.stream()
                .filter(i -> i.inLine && i.priority.compareTo(item.priority) < 0).count();
        if (backOff == 0 && item.priority != Priority.LOW && atOrAbove(Priority.NORMAL) == 0) {
            allowance = left(now);
        }
        item.inLine = true;
        item.atOnce = false;
        item.ready = false;
        item.deferred = backOff > 0;
        item.due = now + backOff;
        item.placed = now;
        item.tries++;
        return "queued";
    }

    /** Whoever is due or whose model has been freed contends from now on; the first of them begins a busy period. */
    void settle(long now) {
        boolean idle = atOrAbove(Priority.NORMAL) == 0;
        for (String model : List.copyOf(caps.keySet())) {
            Cap cap = Objects.requireNonNull(caps.get(model));
            while (caps.containsKey(model) && cap.next - now <= 0) {
                if (cap.cooling) {
                    cap.cooling = false;
                } else if (cap.next - cap.quietSince >= 60_000_000_000L && cap.cap > flying(model)) {
                    caps.remove(model);
                } else {
                    cap.cap++;
                    cap.coolDown = 0;
                }
                cap.next += 10_000_000_000L;
            }
        }
        modelsChanged(idle, now);
        everybody.stream().filter(i -> i.deferred && i.due - now <= 0).forEach(i -> i.deferred = false);
        modelsChanged(idle, now);
    }

    private void modelsChanged(boolean idle, long now) {
        Set<String> full = new HashSet<>(caps.keySet().stream().filter(this::isFull).toList());
        wasFull.stream().filter(m -> !full.contains(m)).forEach(m -> releasedAt.put(m, now));
        wasFull = full;
        if (idle && atOrAbove(Priority.NORMAL) > 0) {
            allowance = left(now);
        }
        tidy();
    }

    /** Whoever is not ready is owed nothing; a model without anybody ready has no past. */
    private void tidy() {
        for (Priority p : Priority.values()) {
            if (!isReady(p)) {
                credit.put(p, 0);
            }
        }
        releasedAt.keySet().removeIf(m -> !wasFull.contains(m)
                && everybody.stream().noneMatch(i -> i.inLine && i.ready && !i.deferred && m.equals(i.model)));
    }

    private boolean isFull(@Nullable String model) {
        Cap cap = caps.get(model);
        return cap != null && (cap.cooling || flying(model) >= cap.cap);
    }

    int flying(@Nullable String model) {
        int count = 0;
        for (Item i : everybody) {
            if (i.inFlight && Objects.equals(i.model, model)) {
                count++;
            }
        }
        return count;
    }

    void finished(int id, long now) {
        settle(now);
        boolean idle = atOrAbove(Priority.NORMAL) == 0;
        item(id).inFlight = false;
        modelsChanged(idle, now);
    }

    void workerCapReached(int id, long now) {
        settle(now);
        boolean idle = atOrAbove(Priority.NORMAL) == 0;
        Item item = item(id);
        item.inFlight = false;
        int others = flying(item.model);
        boolean first = !caps.containsKey(item.model);
        Cap cap = caps.computeIfAbsent(Objects.requireNonNull(item.model), _ -> new Cap());
        if (others == 0) {
            cap.coolDown = cap.coolDown == 0 ? 1_000_000_000L : Math.min(30_000_000_000L, 2 * cap.coolDown);
            cap.cooling = true;
            cap.cap = 1;
            cap.quietSince = now + cap.coolDown;
            cap.next = cap.quietSince;
        } else {
            cap.cap = first || others < cap.cap ? others : Math.max(1, cap.cap - 1);
            cap.cooling = false;
            cap.quietSince = now;
            cap.next = now + 10_000_000_000L;
        }
        modelsChanged(idle, now);
    }

    void refuseWaiting(String reason) {
        everybody.stream().filter(i -> i.inLine).sorted(byDeadline()).toList().forEach(i -> drop(i, reason));
        tidy();
    }

    void enqueue(int id) {
        Item item = item(id);
        item.ready = true;
        if (item.fate != null) {
            leaving.add(item);
        }
    }

    boolean abandon(int id) {
        Item item = item(id);
        if (item.inLine) {
            drop(item, "abandoned");
            tidy();
            return true;
        }
        return false;
    }

    void close() {
        closed = true;
        refuseWaiting("SHUTTING_DOWN");
    }

    /** "id fate waited", "wait n" or "idle". */
    String next(long now) {
        settle(now);
        everybody.stream().filter(i -> i.inLine && i.deadline - now <= 0).sorted(byDeadline()).toList()
                .forEach(i -> drop(i, "QUEUE_TIMEOUT"));
        tidy();
        hopeless(now).forEach(i -> drop(i, "DEADLINE_UNREACHABLE"));
        tidy();
        if (!leaving.isEmpty()) {
            Item item = leaving.removeFirst();
            return left(item, Objects.requireNonNull(item.fate), now);
        }
        long wait = Long.MAX_VALUE;
        boolean spread = true;
        List<Priority> mayGo = mayGo(true, now);
        if (mayGo.isEmpty() && !mayGo(false, now).isEmpty()) {
            spread = !forbidsSpreading(now);
            mayGo = mayGo(spread, now);
        }
        if (!mayGo.isEmpty()) {
            return serve(mayGo, spread, now);
        }
        for (Priority p : Priority.values()) {
            if (isReady(p)) {
                long unspread = delay(p, atOrAbove(p), false, now);
                wait = Math.min(wait, unspread > 0 ? unspread : delay(p, atOrAbove(p), true, now));
            }
        }
        for (Item i : everybody) {
            if (i.inLine) {
                wait = Math.min(wait, i.deadline - now);
            }
            if (i.deferred) {
                wait = Math.min(wait, i.due - now);
            }
        }
        if (everybody.stream().anyMatch(i -> i.inLine && i.ready && !i.deferred && isFull(i.model))) {
            for (Cap cap : caps.values()) {
                wait = Math.min(wait, cap.next - now);
            }
        }
        return everybody.stream().anyMatch(i -> i.inLine) ? "wait " + wait : "idle";
    }

    private List<Priority> mayGo(boolean spread, long now) {
        return Stream.of(Priority.values())
                .filter(p -> isReady(p) && delay(p, crowd(p), spread && !hurries(p), now) <= 0).toList();
    }

    /** The first of a class that was told that it goes at once, until somebody more urgent comes. */
    private boolean hurries(Priority priority) {
        return first(priority).atOnce
                && Stream.of(Priority.values()).noneMatch(p -> p.compareTo(priority) < 0 && isReady(p));
    }

    private Item first(Priority priority) {
        return everybody.stream().filter(i -> contends(i) && i.ready && i.priority == priority).findFirst()
                .orElseThrow();
    }

    /** Those who are too late even if all goes well. */
    private List<Item> hopeless(long now) {
        List<Item> hopeless = new ArrayList<>();
        int above = 0;
        for (Priority p : Priority.values()) {
            int before = 0;
            for (Item i : everybody) {
                if (i.inLine && i.priority == p) {
                    Cap cap = caps.get(i.model);
                    long start = later(earliestStart(p, before + 1, above + before + 1L, now), i.due);
                    start = cap != null && cap.cooling ? later(start, cap.next) : start;
                    if (start - i.deadline >= 0) {
                        hopeless.add(i);
                    } else if (contends(i)) {
                        before++;
                    }
                }
            }
            above += before;
        }
        return hopeless;
    }

    /** Whether somebody would be sent less than a second before the deadline, or after it, if all was spread, and only then. */
    private boolean forbidsSpreading(long now) {
        if (paced) {
            return false;
        }
        List<Start> order = copy(null, true, now).play(true, now);
        List<Start> unspread = copy(null, true, now).play(false, now);
        for (Priority p : Priority.values()) {
            List<Item> items = playing(p);
            List<Start> starts = order.stream().filter(o -> o.priority == p).toList();
            List<Start> earlier = unspread.stream().filter(o -> o.priority == p).toList();
            for (int i = 0; i < items.size(); i++) {
                long limit = items.get(i).deadline - now;
                if (starts.get(i).at + 1_000_000_000L - limit > 0
                        && starts.get(i).at - earlier.get(i).at > 1_000_000
                        && earlier.get(i).at - GUARD <= limit) {
                    return true;
                }
            }
        }
        return false;
    }

    /** When a newcomer starts, from now, if nobody else comes: when nobody of its class is left for the first time. */
    private long lastOf(Priority priority, boolean spread, long now) {
        NaiveThrottle copy = copy(priority, false, now);
        copy.othersKeepComing = true;
        return copy.play(spread, now).stream()
                .filter(o -> o.priority == priority && o.lastOfItsClass).findFirst().orElseThrow().at;
    }

    private long firstOf(Priority priority, long now) {
        return copy(priority, false, now).play(false, now).stream().filter(o -> o.priority == priority).findFirst()
                .orElseThrow().at;
    }

    /** Those who wait for the budget, or will when their back-off ends. */
    private List<Item> playing(Priority priority) {
        return everybody.stream().filter(
                i -> i.inLine && i.priority == priority && !(i.ready && !i.deferred && isFull(i.model))).toList();
    }

    /** One in which whatever is out was sent just now, and takes as long as it may to arrive. */
    private NaiveThrottle copy(@Nullable Priority newcomer, boolean asIfDue, long now) {
        var copy = new NaiveThrottle(new ThrottleSettings(limit, burst, paced ? Pacing.PACED : Pacing.WINDOW, 1,
                Duration.ofSeconds(1), Duration.ofSeconds(1), false), now);
        copy.handedOver = handedOver;
        copy.grantedAt = grantedAt;
        copy.planned = planned;
        copy.lowPlanned = lowPlanned;
        copy.paidAt = paidAt;
        copy.allowance = allowance;
        copy.credit.putAll(credit);
        copy.paced = paced;
        copy.burst = burst;
        List<Long> back = new ArrayList<>();
        expiries(now).forEach(e -> back.add(e - now < MINUTE ? e : now + MINUTE + GUARD));
        for (int i = 0; i < unsent; i++) {
            back.add(now + MINUTE + GUARD);
        }
        copy.comesBack = back;
        for (Priority p : Priority.values()) {
            playing(p).forEach(i -> copy.add(p, i.deferred && !asIfDue ? i.due : now, now));
            if (p == newcomer) {
                copy.add(p, now, now);
            }
        }
        return copy;
    }

    private void add(Priority priority, long due, long now) {
        Item item = new Item(0, priority, null, now, now);
        item.ready = true;
        item.due = due;
        item.deferred = due - now > 0;
        everybody.add(item);
    }

    private record Start(Priority priority, boolean lastOfItsClass, long at) {
    }

    private int crowd(Priority priority) {
        return othersKeepComing ? 1_000_000 : atOrAbove(priority);
    }

    /** Everybody goes, one after the other. */
    private List<Start> play(boolean spread, long from) {
        List<Start> order = new ArrayList<>();
        long now = from;
        while (everybody.stream().anyMatch(i -> i.inLine)) {
            long wait = Long.MAX_VALUE;
            for (Item i : everybody) {
                i.deferred = i.deferred && i.due - now > 0;
                wait = i.deferred ? Math.min(wait, i.due - now) : wait;
            }
            for (Priority p : Priority.values()) {
                wait = isReady(p) ? Math.min(wait, delay(p, crowd(p), spread, now)) : wait;
            }
            if (wait > 0) {
                now += wait;
            } else {
                Priority served = choose(mayGo(spread, now));
                pay(served);
                leave(everybody.stream().filter(i -> contends(i) && i.priority == served).findFirst().orElseThrow());
                grant(served, 0, now);
                handedOver = true;
                unsent--;
                Objects.requireNonNull(comesBack).add(now + MINUTE + GUARD);
                order.add(new Start(served, waiting(served) == 0, now - from));
            }
        }
        return order;
    }

    private static String left(Item item, String fate, long now) {
        item.waited += now - item.placed;
        return item.id + " " + fate + " after " + item.waited;
    }

    private Priority choose(List<Priority> mayGo) {
        for (Priority p : Priority.values()) {
            credit.merge(p, isReady(p) ? gain(p) : 0, Integer::sum);
        }
        Priority chosen = mayGo.getFirst();
        int best = 19;
        for (Priority p : mayGo) {
            if (credit.getOrDefault(p, 0) > best) {
                best = credit.getOrDefault(p, 0);
                chosen = p;
            }
        }
        return chosen;
    }

    private void pay(Priority served) {
        credit.put(served, Math.max(0, credit.getOrDefault(served, 0) - 20));
    }

    private String serve(List<Priority> mayGo, boolean spread, long now) {
        Priority served = choose(mayGo);
        Item item = first(served);
        long late = Math.min(-delay(served, atOrAbove(served), spread && !hurries(served), now), now - since(item));
        pay(served);
        leave(item);
        grant(served, Math.min(late, Math.min(25_000_000, interval() / 2)), now);
        item.inFlight = item.model != null;
        modelsChanged(false, now);
        return left(item, "granted", now);
    }

    final Map<Integer, Grant> granted = new HashMap<>();

    private void grant(Priority priority, long late, long now) {
        grants++;
        granted.put(grants, new Grant(grants, priority, grantedAt, planned, lowPlanned));
        unsent++;
        handedOver = false;
        grantedAt = now;
        planned = now - late;
        if (priority == Priority.LOW) {
            lowPlanned = planned;
        } else {
            allowance = Math.max(0, allowance - 1);
        }
        paidAt = (paidAt - planned > 0 ? paidAt : planned) + interval();
    }

    Send sent(int grant, long now) {
        if (grant == grants) {
            handedOver = true;
        }
        return bypassSent(now);
    }

    Send bypassSent(long now) {
        unsent--;
        sends.add(new Send(now));
        return sends.getLast();
    }

    void giveBack(int number) {
        Grant grant = Objects.requireNonNull(granted.get(number));
        unsent--;
        paidAt -= interval();
        if (grant.priority != Priority.LOW) {
            allowance++;
        }
        if (number == grants) {
            grantedAt = grant.grantedAtBefore;
            planned = grant.plannedBefore;
            lowPlanned = grant.lowPlannedBefore;
            handedOver = true;
        }
    }

    int size() {
        return (int) everybody.stream().filter(i -> i.inLine).count();
    }

    int used(long now) {
        return expiries(now).size() + unsent;
    }

    int left(long now) {
        return Math.max(0, limit - used(now));
    }

    private long delay(Priority priority, int waiting, boolean spread, long now) {
        long at = grantedAt + Math.min(25_000_000, interval() / 60);
        if (!handedOver) {
            at = later(at, grantedAt + Math.min(25_000_000, interval() / 2));
        }
        at = later(at, paidAt - (burst - 1) * interval());
        if (used(now) >= limit) {
            List<Long> expiries = expiries(now);
            int index = used(now) - limit;
            if (index >= expiries.size()) {
                return Long.MAX_VALUE;
            }
            at = later(at, expiries.get(index));
        }
        if (paced) {
            return later(at, planned + even()) - now;
        }
        if (priority == Priority.LOW) {
            at = later(at, lowPlanned + interval());
        }
        boolean burstAllowed = !spread || priority != Priority.LOW && allowance > 0;
        if (!burstAllowed && 2 * waiting - 1 > left(now)) {
            List<Long> expiries = expiries(now);
            long untilMore = (expiries.isEmpty() ? now + MINUTE : expiries.getFirst()) - planned;
            long distance = Math.max(4 * MINUTE / (5 * limit + 4 * left(now)), 5 * untilMore / (5 * left(now) + 6));
            at = later(at, planned + distance);
        }
        return at - now;
    }

    /** Plays on, one send after the other, with only the rules that nothing can soften. */
    private long earliestStart(Priority priority, int nth, long behindAll, long now) {
        long place = behindAll;
        if (gain(priority) > 0) {
            int missing = 20 * nth - credit.getOrDefault(priority, 0);
            place = Math.min(place, Math.max(nth, (missing + gain(priority) - 1) / gain(priority)));
        }
        List<Long> expiries = expiries(now);
        long at = now;
        for (int i = 1; i <= place; i++) {
            at = now;
            if (expiries.size() >= limit) {
                at = later(at, expiries.get(expiries.size() - limit));
            }
            expiries.add(at + MINUTE);
        }
        at = later(at, paidAt + (place - unsent - burst) * interval());
        if (paced) {
            return later(at, play(planned, even(), place - unsent, now));
        }
        return priority == Priority.LOW ? later(at, play(lowPlanned, interval(), nth - unsent, now)) : at;
    }

    private long play(long last, long distance, long count, long now) {
        long first = later(last + distance, now - Math.min(25_000_000, interval() / 2));
        return first + (count - 1) * distance;
    }

    /** When what still counts is no longer counted, the earliest first. */
    private List<Long> expiries(long now) {
        if (comesBack != null) {
            return comesBack.stream().filter(e -> e - now > 0).toList();
        }
        sends.removeIf(s -> now - s.sentAt >= MINUTE + GUARD);
        return new ArrayList<>(sends.stream().map(s -> s.expiry(now)).filter(e -> e - now > 0)
                .sorted(Comparator.comparingLong(e -> e - now)).toList());
    }

    private void drop(Item item, String fate) {
        leave(item);
        item.fate = fate;
        if (item.ready) {
            leaving.add(item);
        }
    }

    private void leave(Item item) {
        item.inLine = false;
        item.deferred = false;
        if (!isReady(item.priority)) {
            credit.put(item.priority, 0);
        }
    }

    private Item item(int id) {
        return everybody.stream().filter(i -> i.id == id).findFirst().orElseThrow();
    }

    private boolean isReady(Priority priority) {
        for (Item i : everybody) {
            if (i.priority == priority && i.ready && contends(i)) {
                return true;
            }
        }
        return false;
    }

    private boolean contends(Item item) {
        return item.inLine && !item.deferred && !(item.ready && isFull(item.model));
    }

    /** Since when it could have been granted but for the budget. */
    private long since(Item item) {
        Long released = item.model == null ? null : releasedAt.get(item.model);
        return released == null ? item.due : later(item.due, released);
    }

    private int waiting(Priority priority) {
        int count = 0;
        for (Item i : everybody) {
            if (i.priority == priority && contends(i)) {
                count++;
            }
        }
        return count;
    }

    private int atOrAbove(Priority priority) {
        int count = 0;
        for (Priority p : Priority.values()) {
            count += p.compareTo(priority) <= 0 ? waiting(p) : 0;
        }
        return count;
    }

    private static int gain(Priority priority) {
        return priority == Priority.HIGH ? 0 : priority == Priority.NORMAL ? 2 : 1;
    }

    private long interval() {
        return MINUTE / limit;
    }

    private long even() {
        return (40 * MINUTE + 39L * limit - 1) / (39L * limit);
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }

    private static Comparator<Item> byDeadline() {
        return (a, b) -> a.deadline != b.deadline ? Long.signum(a.deadline - b.deadline) : a.id - b.id;
    }
}
