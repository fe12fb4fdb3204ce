package dev.sidecar.bench;

import java.io.IOException;

/** Clients that read one streamed answer after another, started one by one over the time that a stream takes. */
final class StreamingLoad extends Load {

    private static final long STREAM_NANOS = Chat.CHUNKS * Chat.CHUNK_GAP_MILLIS * 1_000_000L;

    private final Samples firstChunks = new Samples();
    private final Samples chunkDelays = new Samples();
    private long start;
    private long end;
    private int started;
    private int running;

    StreamingLoad(int port, int clients, Faults faults) throws IOException {
        super(port, true, faults);
        for (int i = 0; i < clients; i++) {
            connect(new AnswerCheck.Stream(chunkDelays));
        }
    }

    /** From the request to the first chunk's receipt. */
    Samples firstChunks() {
        return firstChunks;
    }

    /** From each chunk's sending by the provider to its receipt. */
    Samples chunkDelays() {
        return chunkDelays;
    }

    @Override
    protected void begin(long start, long end) {
        this.start = start;
        this.end = end;
        for (Connection connection : connections) {
            stream(connection).count(start + STREAM_NANOS, end);
        }
        running = connections.size();
    }

    @Override
    protected void tick(long now) {
        while (started < connections.size() && now >= start + started * STREAM_NANOS / connections.size()) {
            connections.get(started++).send(Chat.now());
        }
    }

    @Override
    protected void answered(Connection connection, long now, boolean good) {
        if (good && connection.since() >= start + STREAM_NANOS) {
            firstChunks.add(stream(connection).firstEventAt() - connection.since());
        }
        if (now < end) {
            connection.send(Chat.now());
        } else {
            running--;
        }
    }

    @Override
    protected boolean finished() {
        return running == 0;
    }

    private static AnswerCheck.Stream stream(Connection connection) {
        return (AnswerCheck.Stream) connection.check();
    }
}
