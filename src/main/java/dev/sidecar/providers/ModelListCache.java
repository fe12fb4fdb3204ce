package dev.sidecar.providers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.throttle.NanoClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The models of all providers, as each has listed them lately. A provider is asked at most once every {@link #FRESH}, one call
 * at a time, for any number of callers. One that fails keeps its last list for {@link #KEPT}, and is asked again after
 * {@link #RESTS}. Thread-safe.
 */
public final class ModelListCache {

    static final Duration FRESH = Duration.ofSeconds(60);
    static final Duration RESTS = Duration.ofSeconds(10);
    static final Duration KEPT = Duration.ofHours(1);

    private final Fetcher fetcher;
    private final NanoClock clock;
    private final Map<Source, Entry> entries = new ConcurrentHashMap<>();

    public ModelListCache(Fetcher fetcher, NanoClock clock) {
        this.fetcher = fetcher;
        this.clock = clock;
    }

    /** Asks a provider for its models, and waits for the response. */
    @FunctionalInterface
    public interface Fetcher {

        /**
         * @return the body of its response
         * @throws ModelListRefusedException when the response has another status than 200
         * @throws IOException when there is no response, or not in time
         */
        byte[] fetch(Provider provider) throws IOException;
    }

    /**
     * The models that a client can name, as {@code GET /v1/models} shows them. Waits for providers that have to be asked, all
     * at the same time.
     *
     * @param allowed whether the client may use the model of this name
     * @throws IOException why the first provider has no list, when none has one
     */
    public ObjectNode list(Providers providers, Predicate<String> allowed) throws IOException, InterruptedException {
        forgetAllBut(providers);
        ask(providers);
        return ModelList.merged(providers, known(providers), allowed);
    }

    private void forgetAllBut(Providers providers) {
        Set<Source> current = providers.all().stream().map(Source::of).collect(Collectors.toUnmodifiableSet());
        entries.keySet().retainAll(current);
    }

    private void ask(Providers providers) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        for (var provider : providers.all()) {
            var entry = entry(provider);
            if (entry.known.isDue(clock.nanoTime())) {
                threads.add(Thread.ofVirtual().name("model-list").start(() -> entry.askIfDue(provider)));
            }
        }
        for (var thread : threads) {
            thread.join();
        }
    }

    private Map<String, ListedModels> known(Providers providers) throws IOException {
        var now = clock.nanoTime();
        Map<String, ListedModels> lists = new HashMap<>();
        for (var provider : providers.all()) {
            var models = entry(provider).known.modelsAt(now);
            if (models != null) {
                lists.put(provider.name(), models);
            }
        }
        if (lists.isEmpty()) {
            var failure = entry(providers.first()).known.failure;
            throw failure == null ? new IOException("not asked yet") : failure;
        }
        return lists;
    }

    private Entry entry(Provider provider) {
        return entries.computeIfAbsent(Source.of(provider), _ -> new Entry());
    }

    /** Where a list comes from. Another key there gets the same list. */
    private record Source(String provider, UpstreamAddress address) {

        static Source of(Provider provider) {
            return new Source(provider.name(), provider.address());
        }
    }

    /**
     * What is known of one provider. Immutable.
     *
     * @param models its last list; null before the first
     * @param listedNanos when that came
     * @param failure why the latest call brought none; null if it brought one
     * @param endedNanos when the latest call ended; null before the first
     */
    private record Known(@Nullable ListedModels models, long listedNanos, @Nullable IOException failure,
            @Nullable Long endedNanos) {

        static final Known NOTHING = new Known(null, 0, null, null);

        boolean isDue(long now) {
            return endedNanos == null || now - endedNanos >= (failure == null ? FRESH : RESTS).toNanos();
        }

        @Nullable
        ListedModels modelsAt(long now) {
            return models != null && now - listedNanos < KEPT.toNanos() ? models : null;
        }

        Known listed(ListedModels newModels, long now) {
            return new Known(newModels, now, null, now);
        }

        Known failed(IOException why, long now) {
            return new Known(models, listedNanos, why, now);
        }
    }

    /** One provider's. The lock lets one thread ask at a time; the others wait for what it gets. */
    private final class Entry {

        private final ReentrantLock lock = new ReentrantLock();
        private volatile Known known = Known.NOTHING;

        void askIfDue(Provider provider) {
            lock.lock();
            try {
                if (known.isDue(clock.nanoTime())) {
                    known = ask(provider);
                }
            } finally {
                lock.unlock();
            }
        }

        private Known ask(Provider provider) {
            try {
                var models = ListedModels.of(fetcher.fetch(provider));
                return known.listed(models, clock.nanoTime());
            } catch (IOException e) {
                return known.failed(e, clock.nanoTime());
            } catch (RuntimeException e) {
                return known.failed(new IOException(e), clock.nanoTime());
            }
        }
    }
}
