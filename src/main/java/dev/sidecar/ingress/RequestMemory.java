package dev.sidecar.ingress;

import io.vertx.core.http.HttpServerRequest;

/**
 * The memory of all held requests, each with its body, until each has its response: perhaps a minute in the queue.
 * Without a common limit, some large uploads or a long queue would end the process for all clients.
 *
 * <p>Uploads have a lower limit of their own. So a request with a small body finds room when uploads have used up
 * theirs.
 *
 * <p>Thread-safe.
 *
 * @param requests the memory for requests and all that belongs to them, in bytes
 * @param uploads the part of it for the bytes of bodies beyond the first {@value #SMALL_BODY_BYTES} each, in bytes
 */
record RequestMemory(MemoryBudget requests, MemoryBudget uploads) {

    /** Larger than a long conversation. */
    static final int SMALL_BODY_BYTES = 64 * 1024;

    /**
     * The memory of a queued request besides body and header fields: its connection and two exchanges. The value comes
     * from class histograms of a long queue; docs/performance.md has the figures.
     */
    private static final int REQUEST_BYTES = 8 * 1024;

    /**
     * The memory of a field besides its characters: its entries in Netty's table and in both exchanges, and its string
     * objects.
     */
    private static final int FIELD_BYTES = 256;

    /**
     * Two thirds of the heap for requests, and one of these for uploads. The last third is for the program, for running
     * responses, and for garbage.
     */
    static RequestMemory ofThisProcess() {
        var heap = Runtime.getRuntime().maxMemory();
        var requests = MemoryBudget.of(heap / 3 * 2);
        return new RequestMemory(requests, requests.part(heap / 3));
    }

    /**
     * Takes the memory that a body needs to grow; give it back with {@link #releaseBody}. Returns false, and takes
     * nothing, when less is left.
     *
     * @param from the bytes that it has taken already
     * @param to the bytes that it needs then
     */
    boolean growBody(long from, long to) {
        var small = small(to) - small(from);
        var large = to - from - small;
        if (small > 0 && !requests.take(small)) {
            return false;
        }
        if (large > 0 && !uploads.take(large)) {
            requests.release(small);
            return false;
        }
        return true;
    }

    /** Whether a body of this many bytes could be held now. Takes nothing. */
    boolean hasRoomFor(long body) {
        return body <= SMALL_BODY_BYTES || uploads.has(body - SMALL_BODY_BYTES);
    }

    /** @param bytes all bytes that the body has taken */
    void releaseBody(long bytes) {
        requests.release(small(bytes));
        if (bytes > SMALL_BODY_BYTES) {
            uploads.release(bytes - SMALL_BODY_BYTES);
        }
    }

    private static long small(long bytes) {
        return Math.min(bytes, SMALL_BODY_BYTES);
    }

    /** The memory of this request without its body, in bytes. */
    static long ownBytes(HttpServerRequest request) {
        long bytes = REQUEST_BYTES;
        for (var field : request.headers()) {
            bytes += FIELD_BYTES + 2L * (field.getKey().length() + field.getValue().length());
        }
        return bytes;
    }
}
