package dev.sidecar.clients;

import java.time.Duration;
import java.util.Optional;

/** Counts the wrong keys of each address, so that guessing is slow. */
@FunctionalInterface
public interface WrongKeys {

    /** One more from this address. Returns for how long further ones are refused; nothing while they are only counted. */
    Optional<Duration> from(String address);
}
