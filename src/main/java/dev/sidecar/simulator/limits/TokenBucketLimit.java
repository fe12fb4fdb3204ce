package dev.sidecar.simulator.limits;

/**
 * A bucket of {@code capacity} tokens, full at first, refilled steadily at {@code perMinute}; each accepted request
 * takes one. A capacity of a whole minute accepts twice the rate in the first minute. A small capacity demands evenly
 * spread requests.
 */
final class TokenBucketLimit implements ProviderLimit {

    private final int perMinute;
    private final ProviderLimit bucket;

    TokenBucketLimit(int capacity, int perMinute) {
        this.perMinute = Sizes.atLeast1("perMinute", perMinute);
        this.bucket = new MeteredLimit(Sizes.atLeast1("capacity", capacity), new TokenBucket(perMinute));
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        return bucket.decide(request, nowNanos);
    }

    /** States the rate, like such providers, and what is left in the bucket. */
    @Override
    public Standing standing(long nowNanos) {
        Standing standing = bucket.standing(nowNanos);
        return new Standing(perMinute, standing.remaining(), standing.untilFull());
    }
}
