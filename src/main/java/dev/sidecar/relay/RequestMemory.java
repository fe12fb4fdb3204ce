package dev.sidecar.relay;

import io.vertx.core.http.HttpServerRequest;

/**
 * The memory of all requests that are held together, each with its body, until it is answered: a minute in line, perhaps.
 * Without a limit that they have in common, a handful of large uploads or a long line would end the process for everyone.
 *
 * <p>Thread-safe.
 *
 * @param requests what they may take with all that belongs to them
 * @param bodies what of that their bodies may take
 */
record RequestMemory(HeapShare requests, HeapShare bodies) {

    /**
     * What a request in line holds besides body and header fields: its connection and two exchanges. From class histograms with
     * 5,000 in line, which held 13 kB each besides their bodies, and the 17 fields of an OpenAI SDK.
     */
    private static final int REQUEST_BYTES = 8 * 1024;

    /** Of a field besides its letters: its entries in Netty's table and in both exchanges, and its strings' own. */
    private static final int FIELD_BYTES = 256;

    /**
     * Two thirds of the heap, and one for bodies: the last third is for the program, for what a running answer takes, and
     * for the garbage of all.
     */
    static RequestMemory ofThisProcess() {
        var heap = Runtime.getRuntime().maxMemory();
        var requests = HeapShare.of(heap / 3 * 2);
        return new RequestMemory(requests, requests.part(heap / 3));
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
