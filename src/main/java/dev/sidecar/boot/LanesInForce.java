package dev.sidecar.boot;

import dev.sidecar.config.SettingsInForce;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Tells the throttle of other settings and of other providers. Its lanes are made of both, and each changes on a thread of its
 * own.
 *
 * <p>Thread-safe: the lock is held from the look at the other half until the throttle has been told. Nothing that it calls waits
 * for {@link SettingsInForce}, under whose lock {@link #settings} is called.
 */
final class LanesInForce {

    private final ProvidersInForce providers;
    private final boolean haveOwnRates;
    private final Supplier<? extends Throttle<?>> throttle;
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * @param haveOwnRates whether the keys say their rates; otherwise the one key has that of the settings
     * @param throttle asked for at the first change
     */
    LanesInForce(ProvidersInForce providers, boolean haveOwnRates, Supplier<? extends Throttle<?>> throttle) {
        this.providers = providers;
        this.haveOwnRates = haveOwnRates;
        this.throttle = throttle;
    }

    /** Puts the settings in force. */
    void settings(ThrottleSettings settings) {
        lock.lock();
        try {
            throttle.get().reconfigure(settings);
            if (haveOwnRates) {
                throttle.get().providers(ThrottleConfiguration.lanes(providers.get(), settings));
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts the providers in force.
     *
     * @param settings those in force, asked for under the lock
     */
    void providers(Providers newProviders, Supplier<ThrottleSettings> settings) {
        lock.lock();
        try {
            providers.put(newProviders);
            throttle.get().providers(ThrottleConfiguration.lanes(newProviders, settings.get()));
        } finally {
            lock.unlock();
        }
    }
}
