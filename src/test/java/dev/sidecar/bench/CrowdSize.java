package dev.sidecar.bench;

/**
 * How many there are of each, and what they may take.
 *
 * @param bodyBytes of each waiting request
 * @param limitMebibytes of the control group
 * @param holdSeconds that all of them are there together
 */
record CrowdSize(int streams, int waiting, int viewers, int bodyBytes, int limitMebibytes, int holdSeconds) {

    private static final int LARGEST_BODY = 64 << 10;

    CrowdSize {
        if (streams < 1 || waiting < 1 || viewers < 1) {
            throw new IllegalArgumentException("a crowd has at least one of each");
        }
        if (bodyBytes > LARGEST_BODY) {
            throw new IllegalArgumentException("bench.body must be at most " + LARGEST_BODY + ", not " + bodyBytes);
        }
    }

    static CrowdSize fromSystemProperties(boolean quick) {
        return new CrowdSize(Integer.getInteger("bench.streams", quick ? 100 : 1000),
                Integer.getInteger("bench.waiting", quick ? 500 : 5000),
                Integer.getInteger("bench.viewers", quick ? 50 : 500), Integer.getInteger("bench.body", 8192),
                Integer.getInteger("bench.limit", 512), quick ? 5 : 15);
    }
}
