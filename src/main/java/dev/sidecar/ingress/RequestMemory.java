package dev.sidecar.ingress;

import io.vertx.core.http.HttpServerRequest;

/**
 * The memory of all requests that are held together, each with its body, until it is answered: a minute in line, perhaps.
 * Without a limit that they have in common, a handful of large uploads or a long line would end the process for everyone.
 *
 * <p>Uploads have a limit of their own below that, so that a request with a small body finds room while they have taken
 * all of theirs.
 *
 * <p>Thread-safe.
 *
 * @param requests what they may take with all that belongs to them, in bytes
 * @param uploads what of that may be taken by what their bodies have beyond the first {@value #SMALL_BODY_BYTES} bytes
 */
record RequestMemory(MemoryBudget requests, MemoryBudget uploads) {

    /** More than a long conversation has. */
    static final int SMALL_BODY_BYTES = 64 * 1024;

    /**
     * What a request in line holds besides body and header fields: its connection and two exchanges. From class histograms with
     * 5,000 in line, which held 13 kB each besides their bodies, and the 17 fields of an OpenAI SDK.
     */
    private static final int REQUEST_BYTES = 8 * 1024;

    /** Of a field besides its letters: its entries in Netty's table and in both exchanges, and its strings' own. */
    private static final int FIELD_BYTES = 256;

    /**
     * Two thirds of the heap, and one for uploads: the last third is for the program, for what a running answer takes, and
     * for the garbage of all.
     */
    static RequestMemory ofThisProcess() {
        var heap = Runtime.getRuntime().maxMemory();
        var requests = MemoryBudget.of(heap / 3 * 2);
        return new RequestMemory(requests, requests.part(heap / 3));
    }

    /**
     * Takes what a body needs to grow, to be given back with {@link #releaseBody}; false, with nothing taken, when that is
     * more than is left.
     *
     * @param from bytes that it has taken already
     * @param to bytes that it has taken then
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

    /** Whether a body of so many bytes could be held now. Takes nothing. */
    boolean hasRoomFor(long body) {
        return body <= SMALL_BODY_BYTES || uploads.has(body - SMALL_BODY_BYTES);
    }

    /** @param bytes all that the body has taken */
    void releaseBody(long bytes) {
        requests.release(small(bytes));
        if (bytes > SMALL_BODY_BYTES) {
            uploads.release(bytes - SMALL_BODY_BYTES);
        }
    }

    private static long small(long bytes) {
        return Math.min(bytes, SMALL_BODY_BYTES);
    }

    /** What this request takes without its body, in bytes. */
    static long ownBytes(HttpServerRequest request) {
        long bytes = REQUEST_BYTES;
        for (var field : request.headers()) {
            bytes += FIELD_BYTES + 2L * (field.getKey().length() + field.getValue().length());
        }
        return bytes;
    }
}
