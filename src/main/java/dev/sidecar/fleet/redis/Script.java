package dev.sidecar.fleet.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.codec.Base16;

/**
 * What Redis does in one step. The keys are that of the lease, that of the epoch, and that of what a leader keeps. The value of the lease is the epoch, a
 * space, and who holds it.
 */
enum Script {

    /** Arguments: who, least epoch, milliseconds of the lease, seconds of the epoch. */
    TAKE_OR_RENEW("""
            local held = redis.call('GET', KEYS[1])
            local known = tonumber(redis.call('GET', KEYS[2])) or 0
            local least = math.max(known, tonumber(ARGV[2]))
            local epoch, holder = string.match(held or '', '^(%d+) (.+)$')
            epoch = tonumber(epoch)
            if epoch and holder ~= ARGV[1] then
              return {holder, epoch, ''}
            end
            if not epoch or epoch < least then
              epoch = least + 1
            end
            local text = string.format('%.0f', epoch)
            redis.call('SET', KEYS[2], text, 'EX', ARGV[4])
            redis.call('SET', KEYS[1], text .. ' ' .. ARGV[1], 'PX', ARGV[3])
            return {ARGV[1], epoch, redis.call('GET', KEYS[3]) or ''}
            """),

    /** Argument: the value of the lease. */
    GIVE_BACK("""
            if redis.call('GET', KEYS[1]) == ARGV[1] then
              return redis.call('DEL', KEYS[1])
            end
            return 0
            """),

    /** Arguments: the value of the lease, what to keep, for how many seconds. */
    KEEP("""
            if redis.call('GET', KEYS[1]) == ARGV[1] then
              redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
              return 1
            end
            return 0
            """),

    /** Arguments: the value of the lease, channel, message. */
    PUBLISH_AS_LEADER("""
            if redis.call('GET', KEYS[1]) == ARGV[1] then
              return redis.call('PUBLISH', ARGV[2], ARGV[3])
            end
            return -1
            """),

    /**
     * Fails where this Redis takes no writes: on a replica, or where the user may not. Argument: seconds of the epoch.
     */
    TRY_TO_WRITE("""
            return redis.call('EXPIRE', KEYS[2], ARGV[1])
            """);

    private final String text;
    private final String digest;

    Script(String text) {
        this.text = text;
        this.digest = Base16.digest(text.getBytes(US_ASCII));
    }

    String text() {
        return text;
    }

    /** By which Redis knows it once it has been loaded. */
    String digest() {
        return digest;
    }
}
