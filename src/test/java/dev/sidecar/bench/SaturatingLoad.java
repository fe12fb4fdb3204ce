package dev.sidecar.bench;

import java.io.IOException;

/** A closed loop: every connection sends its next request as soon as it has its answer. */
final class SaturatingLoad extends Load {

    private final Samples latencies = new Samples();
    private long end;
    private int running;

    SaturatingLoad(int port, int clients, Faults faults) throws IOException {
        super(port, false, faults);
        for (int i = 0; i < clients; i++) {
            connect(new AnswerCheck.Plain());
        }
    }

    Samples latencies() {
        return latencies;
    }

    @Override
    protected void begin(long start, long end) {
        this.end = end;
        running = connections.size();
        for (Connection connection : connections) {
            connection.send(Chat.now());
        }
    }

    @Override
    protected void tick(long now) {
    }

    @Override
    protected void answered(Connection connection, long now, boolean good) {
        latencies.add(now - connection.since());
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
}
