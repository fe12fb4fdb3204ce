package dev.sidecar.providers;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A circuit breaker for each provider. The route has one circuit and does not know which provider a request goes to: its
 * {@linkplain #ofThisThread breaker} is the one of the provider that the request's thread has named last. Thread-safe.
 */
public final class Circuits {

    private final Function<String, CircuitBreaker> create;
    private final List<BiConsumer<String, CircuitBreaker>> listeners = new ArrayList<>();
    private final Map<String, CircuitBreaker> breakers = new ConcurrentHashMap<>();
    private final ThreadLocal<String> provider = new ThreadLocal<>();
    private final ProvidersInForce providers;

    /** @param create makes the breaker of a provider, by its name */
    public Circuits(ProvidersInForce providers, Function<String, CircuitBreaker> create) {
        this.providers = providers;
        this.create = create;
    }

    /** @param listener told of each breaker, those that are there already and those that come; before any request only */
    public void forEach(BiConsumer<String, CircuitBreaker> listener) {
        breakers.forEach(listener);
        listeners.add(listener);
    }

    /** The breaker of this provider. It stays the same when the provider leaves the file and comes back. */
    public CircuitBreaker of(String name) {
        return breakers.computeIfAbsent(name, this::created);
    }

    private CircuitBreaker created(String name) {
        var breaker = create.apply(name);
        listeners.forEach(each -> each.accept(name, breaker));
        return breaker;
    }

    /** The breaker of the first provider. */
    public CircuitBreaker first() {
        return of(providers.get().first().name());
    }

    /** This thread's request goes to this provider. */
    public void use(String name) {
        provider.set(name);
    }

    /** Each of its methods is that of the breaker of the provider that the calling thread {@linkplain #use uses}. */
    public CircuitBreaker ofThisThread() {
        return (CircuitBreaker) Proxy.newProxyInstance(CircuitBreaker.class.getClassLoader(),
                new Class<?>[]{CircuitBreaker.class}, (_, method, arguments) -> {
                    try {
                        return method.invoke(current(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }

    private CircuitBreaker current() {
        var name = provider.get();
        return name == null ? first() : of(name);
    }
}
