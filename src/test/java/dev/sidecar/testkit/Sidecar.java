package dev.sidecar.testkit;

import dev.sidecar.SidecarApplication;
import dev.sidecar.ingress.IngressLimits;
import dev.sidecar.ingress.IngressServer;
import dev.sidecar.reload.RoutesInForce;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.upstream.UpstreamClient;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.camel.model.ModelCamelContext;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The whole sidecar, started inside the test on free ports, in front of any provider. Start it once for a class: a
 * start takes seconds.
 */
public final class Sidecar implements AutoCloseable {

    public static final String API_KEY = "nvapi-test-key-of-the-provider";

    /** Spring Boot sets up and cleans up logging for the whole process: for one application at a time. */
    private static final ReentrantLock STARTS_AND_STOPS = new ReentrantLock();

    /** Those that {@link LeakCheck} has to look at. */
    private static final Set<Sidecar> STARTED = ConcurrentHashMap.newKeySet();

    private final ConfigurableApplicationContext context;
    private final Class<?> starter;
    private final Throttle<?> throttle;
    private final UpstreamClient upstream;
    private final ExecutorService requestThreads;
    private volatile boolean closed;

    private Sidecar(ConfigurableApplicationContext context) {
        this.context = context;
        this.starter = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.<Class<?>>map(StackWalker.StackFrame::getDeclaringClass)
                        .filter(type -> type != Sidecar.class).findFirst().orElseThrow())
                .getNestHost();
        this.throttle = context.getBean(Throttle.class);
        this.upstream = context.getBean(UpstreamClient.class);
        this.requestThreads = context.getBean("requestThreads", ExecutorService.class);
        STARTED.add(this);
    }

    /** Those that the code of this test class has started, except those that were forgotten. */
    static List<Sidecar> startedBy(Class<?> testClass) {
        return STARTED.stream().filter(sidecar -> sidecar.starter == testClass.getNestHost()).toList();
    }

    static void forget(Collection<Sidecar> checked) {
        STARTED.removeAll(checked);
    }

    /** What it holds now; works after it was closed too. */
    Leftovers leftovers() {
        var snapshot = throttle.snapshot();
        return new Leftovers(snapshot.openSlots(), snapshot.size(), !upstream.isIdle(),
                ThreadsOf.executor(requestThreads));
    }

    boolean isClosed() {
        return closed;
    }

    /** Starts with the given properties, such as {@code "sidecar.rate-rpm=600"}, over defaults with a wide-open limit and a circuit that stays closed. */
    public static Sidecar inFrontOf(String upstream, String... properties) {
        return inFrontOf(upstream, IngressLimits.PRODUCTION, properties);
    }

    /** The same, with other limits on slow clients than the ones in production. */
    public static Sidecar inFrontOf(String upstream, IngressLimits limits, String... properties) {
        return inFrontOf(upstream, context -> context.registerBean(IngressLimits.class, () -> limits), properties);
    }

    /** The same, with parts of its own. */
    public static Sidecar inFrontOf(String upstream, Consumer<GenericApplicationContext> parts, String... properties) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("sidecar.upstream", upstream);
        settings.put("sidecar.api-key", API_KEY);
        settings.put("sidecar.rate-rpm", "1000000");
        return start(settings, parts, properties);
    }

    /** In front of the providers of a file, with their keys and limits. */
    public static Sidecar ofFile(Path config, Consumer<GenericApplicationContext> parts, String... properties) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("sidecar.config", config);
        return start(settings, parts, properties);
    }

    private static Sidecar start(Map<String, Object> settings, Consumer<GenericApplicationContext> parts,
            String... properties) {
        settings.put("sidecar.port", "0");
        settings.put("sidecar.metrics-port", "0");
        settings.put("sidecar.bucket-capacity", "1000000");
        settings.put("sidecar.queue-max", "10000");
        settings.put("sidecar.circuit-breaker.window-size", "10000");
        settings.put("sidecar.circuit-breaker.minimum-calls", "10000");
        settings.put("sidecar.log-level", "WARN");
        settings.put("sidecar.shutdown-grace", "2");
        settings.put("sidecar.allowed-hosts", "sidecar,a,h,x"); // as tests call it that write the octets themselves
        settings.put("spring.jmx.enabled", "false");
        settings.put("camel.main.jmx-enabled", "false");
        for (var property : properties) {
            var equals = property.indexOf('=');
            settings.put(property.substring(0, equals), property.substring(equals + 1));
        }
        var arguments = settings.entrySet().stream().map(e -> "--" + e.getKey() + "=" + e.getValue())
                .toArray(String[]::new);
        STARTS_AND_STOPS.lock();
        try {
            var application = SidecarApplication.application();
            application.addInitializers(context -> parts.accept((GenericApplicationContext) context));
            return new Sidecar(application.run(arguments));
        } finally {
            STARTS_AND_STOPS.unlock();
        }
    }

    public int port() {
        return context.getBean(IngressServer.class).port();
    }

    public int managementPort() {
        return ((ServletWebServerApplicationContext) context).getWebServer().getPort();
    }

    /** The proxy's address without a path, such as {@code http://127.0.0.1:40123}. */
    public String address() {
        return "http://127.0.0.1:" + port();
    }

    /** What an OpenAI client is given as its base URL. */
    public String baseUrl() {
        return address() + "/v1";
    }

    public URI uri(String path) {
        return URI.create(address() + path);
    }

    /** For counting what waits and which slots are out. */
    public Throttle<?> throttle() {
        return throttle;
    }

    /** What it has done since its start, and the streams it relays now. */
    public Traffic traffic() {
        return context.getBean(Traffic.class);
    }

    /** The circuit to the provider, as an operator sees it. */
    public CircuitBreaker breaker() {
        return context.getBean(CircuitBreaker.class);
    }

    /** Where the routes run that serve new requests now, with the beans that they name. */
    public ModelCamelContext camel() {
        return (ModelCamelContext) context.getBean(RoutesInForce.class).context();
    }

    /** Whatever a test wants to look at that has no way out of the program. */
    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        closed = true;
        STARTS_AND_STOPS.lock();
        try {
            context.close();
        } finally {
            STARTS_AND_STOPS.unlock();
        }
    }
}
