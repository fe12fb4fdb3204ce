package dev.sidecar.state;

import dev.sidecar.throttle.pool.AccountId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The number that stands for an account in the ledger, whose records all have the same length. Stateless. */
final class AccountNumber {

    private AccountNumber() {
    }

    /** The beginning of a digest of both names. */
    static long of(AccountId account) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(account.provider().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(account.account().getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest.digest()).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
