package dev.sidecar.throttle.tokens;

/**
 * How many tokens the bytes of a request make: a straight line through those of recent requests (linear regression with
 * exponential weights). A line and not a ratio, because some bytes of every request are no text. Before much is known its slope is
 * that of English text. Not thread-safe.
 */
final class InputTrend {

    /** Of English text, in about any tokenizer. */
    private static final double USUAL_TOKENS_PER_BYTE = 0.25;
    /** No tokenizer makes more tokens than there are bytes; what a provider adds to each request is small. */
    private static final double MOST_TOKENS_PER_BYTE = 2;
    /** Requests count for the slope when their sizes differ by more than this. */
    private static final double USUAL_SPREAD = 500;
    private static final double NEWEST = 0.1;

    private long count;
    private double meanBytes;
    private double meanTokens;
    private double variance = USUAL_SPREAD * USUAL_SPREAD;
    private double covariance = variance * USUAL_TOKENS_PER_BYTE;

    void add(long bytes, long tokens) {
        if (bytes <= 0 || tokens <= 0) {
            return; // it says nothing
        }
        double shown = Math.min((double) tokens, MOST_TOKENS_PER_BYTE * bytes);
        count++;
        double weight = Math.max(NEWEST, 1.0 / count);
        double moreBytes = bytes - meanBytes;
        double moreTokens = shown - meanTokens;
        meanBytes += weight * moreBytes;
        meanTokens += weight * moreTokens;
        if (count > 1) {
            variance += NEWEST * (moreBytes * moreBytes - variance);
            covariance += NEWEST * (moreBytes * moreTokens - covariance);
        }
    }

    long of(long bytes) {
        double slope = variance < 1 ? USUAL_TOKENS_PER_BYTE : Math.max(0, covariance / variance);
        double tokens = meanTokens + slope * (bytes - meanBytes);
        return (long) Math.ceil(Math.clamp(tokens, 0.0, MOST_TOKENS_PER_BYTE * bytes));
    }
}
