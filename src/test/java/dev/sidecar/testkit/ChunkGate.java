package dev.sidecar.testkit;

import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Lets the first chunk of an answer through at once, and the others when it is opened. Thread-safe. */
public final class ChunkGate {

    private final CountDownLatch opened = new CountDownLatch(1);

    public Answer.Chunked hold(Answer.Chunked answer) {
        return new Answer.Chunked(answer.status(), answer.headers(), held(answer.chunks()), Duration.ZERO);
    }

    public void open() {
        opened.countDown();
    }

    private List<byte[]> held(List<byte[]> chunks) {
        return new AbstractList<>() {
            @Override
            public byte[] get(int index) {
                if (index > 0) {
                    awaitOpened();
                }
                return chunks.get(index);
            }

            @Override
            public int size() {
                return chunks.size();
            }
        };
    }

    private void awaitOpened() {
        try {
            opened.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted before the gate was opened", e);
        }
    }
}
