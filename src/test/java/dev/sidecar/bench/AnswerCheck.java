package dev.sidecar.bench;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Whether a body is, byte for byte, what the mock provider sent. */
abstract sealed class AnswerCheck implements MessageReader.Body {

    /** When the bytes that are about to be checked were received. */
    void receivedAt(long nanos) {
    }

    abstract void reset();

    /** What is wrong with the body now that it has ended, or null. */
    abstract @Nullable String fault();

    static final class Plain extends AnswerCheck {

        private int length;
        private boolean differs;

        @Override
        void reset() {
            length = 0;
            differs = false;
        }

        @Override
        public void bytes(byte[] data, int from, int to) {
            int end = length + to - from;
            differs |= end > Chat.ANSWER_BODY.length
                    || !Arrays.equals(data, from, to, Chat.ANSWER_BODY, length, end);
            length = end;
        }

        @Override
        @Nullable
        String fault() {
            return differs || length != Chat.ANSWER_BODY.length ? length + " bytes, not the provider's answer" : null;
        }
    }

    static final class Stream extends AnswerCheck {

        static final int ANY = -1;

        private final byte[] line = new byte[Chat.EVENT_LENGTH];
        private final Samples chunkDelays;
        private final int expected;
        private int lineLength;
        private int events;
        private boolean done;
        private boolean differs;
        private long receivedAt;
        private long firstEventAt;
        private long countFrom = Long.MAX_VALUE;
        private long countTo;

        Stream(Samples chunkDelays) {
            this(chunkDelays, Chat.CHUNKS);
        }

        /**
         * @param expected events, or {@link #ANY}
         */
        Stream(Samples chunkDelays, int expected) {
            this.chunkDelays = chunkDelays;
            this.expected = expected;
        }

        /** Only chunks received between these two count: all streams are running then. */
        void count(long from, long to) {
            countFrom = from;
            countTo = to;
        }

        long firstEventAt() {
            return firstEventAt;
        }

        @Override
        void reset() {
            lineLength = 0;
            events = 0;
            done = false;
            differs = false;
        }

        @Override
        void receivedAt(long nanos) {
            receivedAt = nanos;
        }

        @Override
        public void bytes(byte[] data, int from, int to) {
            for (int i = from; i < to; i++) {
                if (data[i] == '\n') {
                    endOfLine();
                    lineLength = 0;
                } else if (lineLength < line.length) {
                    line[lineLength++] = data[i];
                } else {
                    differs = true;
                }
            }
        }

        private void endOfLine() {
            if (lineLength == Chat.EVENT_LENGTH) {
                if (events++ == 0) {
                    firstEventAt = receivedAt;
                }
                if (receivedAt >= countFrom && receivedAt < countTo) {
                    chunkDelays.add(receivedAt - Chat.stampOf(line));
                }
            } else if (lineLength == Chat.DONE.length && Arrays.equals(line, 0, lineLength, Chat.DONE, 0, lineLength)) {
                done = true;
            } else {
                differs |= lineLength != 0;
            }
        }

        @Override
        @Nullable
        String fault() {
            boolean wrongCount = expected == ANY ? events == 0 : events != expected;
            return differs || !done || wrongCount ? events + " events" + (done ? "" : ", no end") : null;
        }
    }

    /** The dashboard's events, which go on as long as somebody watches. The count may be read by other threads. */
    static final class Viewer extends AnswerCheck {

        private static final byte[] EVENT = Chat.bytes("data: {");

        private final AtomicInteger events = new AtomicInteger();
        private int column;
        private boolean event = true;

        int events() {
            return events.get();
        }

        @Override
        void reset() {
            column = 0;
            event = true;
        }

        @Override
        public void bytes(byte[] data, int from, int to) {
            for (int i = from; i < to; i++) {
                if (data[i] == '\n') {
                    if (event && column >= EVENT.length) {
                        events.incrementAndGet();
                    }
                    reset();
                } else {
                    event &= column >= EVENT.length || data[i] == EVENT[column];
                    column++;
                }
            }
        }

        @Override
        String fault() {
            return "the dashboard's events ended";
        }
    }
}
