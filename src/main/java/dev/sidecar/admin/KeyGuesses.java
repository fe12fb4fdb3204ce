package dev.sidecar.admin;

import dev.sidecar.clients.WrongKeys;
import java.time.Duration;
import java.util.Optional;

/** Wrong keys of clients count with the wrong tokens of administrators: the same address gives both. Thread-safe. */
public final class KeyGuesses implements WrongKeys {

    private final Guesses guesses;
    private final Audit audit;

    public KeyGuesses(Guesses guesses, Audit audit) {
        this.guesses = guesses;
        this.audit = audit;
    }

    @Override
    public Optional<Duration> from(String address) {
        return switch (guesses.wrong(address)) {
            case Guesses.Verdict.Counted _ -> Optional.empty();
            case Guesses.Verdict.Blocked(var remaining, var first) -> {
                if (first) {
                    audit.blocked(address);
                }
                yield Optional.of(remaining);
            }
        };
    }
}
