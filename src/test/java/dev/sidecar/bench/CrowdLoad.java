package dev.sidecar.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Dashboards that watch, streams that go on and requests that wait, all at the same time: each connection sends one
 * request, and stays. Opening, counting and leaving may be asked for by another thread than the one that runs this.
 */
final class CrowdLoad extends Load {

    enum Kind {
        VIEWER, STREAM, WAITING
    }

    private record Opening(Kind kind, int count, long gapNanos) {
    }

    private final int port;
    private final ByteBuffer viewerRequest;
    private final ByteBuffer streamRequest;
    private final ByteBuffer waitingRequest;
    private final Samples chunkDelays = new Samples();
    private final List<AnswerCheck.Viewer> viewers = new ArrayList<>();
    private final Queue<Opening> openings = new ConcurrentLinkedQueue<>();
    private final Map<Kind, Integer> complete = new ConcurrentHashMap<>();
    private final AtomicInteger wrong = new AtomicInteger();
    private volatile boolean left;
    private long openingSince;
    private int openedOfThese;

    /**
     * @param waitingBody of the requests that wait
     */
    CrowdLoad(int port, byte[] waitingBody, Faults faults) throws IOException {
        super(port, false, faults);
        this.port = port;
        viewerRequest = direct(Chat.viewerRequest(port));
        streamRequest = direct(Chat.request(port, Chat.LONG_STREAM_REQUEST_BODY));
        waitingRequest = direct(Chat.request(port, waitingBody));
    }

    /** Opens so many, one by one, after those that are still to be opened. */
    void open(Kind kind, int count, int perSecond) {
        openings.add(new Opening(kind, count, TimeUnit.SECONDS.toNanos(1) / perSecond));
    }

    /** How many have had their whole and right answer. */
    int complete(Kind kind) {
        return complete.getOrDefault(kind, 0);
    }

    /** How many ended in another way. */
    int wrong() {
        return wrong.get();
    }

    /** How many events each viewer has got, in the order in which they came. */
    List<Integer> viewerEvents() {
        synchronized (viewers) {
            return viewers.stream().map(AnswerCheck.Viewer::events).toList();
        }
    }

    /** From a chunk's sending by the provider to its receipt; only to be asked for when this has ended. */
    Samples chunkDelays() {
        return chunkDelays;
    }

    /** Ends this; whoever is still there leaves with {@link #close}. */
    void leave() {
        left = true;
    }

    @Override
    protected void begin(long start, long end) {
        openingSince = start;
    }

    @Override
    protected void tick(long now) {
        Opening next = openings.peek();
        if (next == null) {
            openingSince = now;
            return;
        }
        while (openedOfThese < next.count() && now >= openingSince + openedOfThese * next.gapNanos()) {
            open(next.kind());
            openedOfThese++;
        }
        if (openedOfThese == next.count()) {
            openings.remove();
            openedOfThese = 0;
            openingSince = now;
        }
    }

    private void open(Kind kind) {
        try {
            Connection connection = switch (kind) {
                case VIEWER -> {
                    var check = new AnswerCheck.Viewer();
                    synchronized (viewers) {
                        viewers.add(check);
                    }
                    yield connect(check, viewerRequest);
                }
                case STREAM -> {
                    var check = new AnswerCheck.Stream(chunkDelays, AnswerCheck.Stream.ANY);
                    check.count(0, Long.MAX_VALUE);
                    yield connect(check, streamRequest);
                }
                case WAITING -> connect(new AnswerCheck.Plain(), waitingRequest);
            };
            connection.send(Chat.now());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the proxy takes no more connections on port " + port + ": " + e.getMessage(),
                    e);
        }
    }

    @Override
    protected void answered(Connection connection, long now, boolean good) {
        if (!good) {
            wrong.incrementAndGet();
            return;
        }
        Kind kind = switch (connection.check()) {
            case AnswerCheck.Plain _ -> Kind.WAITING;
            case AnswerCheck.Stream _ -> Kind.STREAM;
            case AnswerCheck.Viewer _ -> Kind.VIEWER;
        };
        complete.merge(kind, 1, Integer::sum);
    }

    @Override
    protected boolean finished() {
        return left;
    }
}
