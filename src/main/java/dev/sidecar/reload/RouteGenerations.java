package dev.sidecar.reload;

import dev.sidecar.ingress.IngressEngine;
import dev.sidecar.ingress.IngressServer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.ModelToXMLDumper;

/**
 * Makes generations of routes from the folder: the first in the program's first context, each further one in a context
 * of its own. A folder that cannot be built, or breaks the {@link GuardRails}, leaves no trace. Thread-safe.
 */
public final class RouteGenerations {

    private final RouteFolder folder;
    private final CamelContexts contexts;
    private final GenerationSetup setup;
    private final IngressServer server;
    private final Vertx vertx;
    private final RouteLoader loader;
    private final Clock clock;
    private final AtomicInteger made = new AtomicInteger();

    /**
     * @param folder the folder of the route files
     * @param throttleDemanded false if a setting allows a proxy without a throttle
     * @param clientsDemanded whether the routes must ask who calls
     * @param clock wall clock, for when a generation was loaded
     */
    public RouteGenerations(Path folder, CamelContexts contexts, GenerationSetup setup, IngressServer server,
            Vertx vertx, boolean throttleDemanded, boolean clientsDemanded, Clock clock) {
        this.folder = new RouteFolder(folder);
        this.contexts = contexts;
        this.setup = setup;
        this.server = server;
        this.vertx = vertx;
        this.loader = new RouteLoader(new GuardRails(throttleDemanded, clientsDemanded));
        this.clock = clock;
    }

    RouteFolder folder() {
        return folder;
    }

    /**
     * Makes the first generation, without the check against the schema: it takes too long for a start.
     *
     * @param context not started; its routes start here if it may be started now
     * @throws RouteProblemsException when the folder cannot be used
     */
    RouteGeneration first(CamelContext context) {
        var files = folder.read();
        DeferredManagement.of(context);
        var generation = equip(1, context, files);
        build(generation);
        start(generation);
        made.set(1);
        return generation;
    }

    /**
     * Makes the next generation: built and running, but not in force.
     *
     * @param before the files of the generation in force; only different files are checked against the schema
     * @throws RouteProblemsException when the files cannot be used
     */
    RouteGeneration next(List<RouteFile> files, List<RouteFile> before) {
        var number = made.get() + 1;
        var generation = equip(number, contexts.create("sidecar-" + number), files);
        var complete = false;
        try {
            build(generation);
            loader.checkSchema(files.stream().filter(file -> !before.contains(file)).toList());
            start(generation);
            complete = true;
        } finally {
            if (!complete) {
                generation.stop();
            }
        }
        made.set(number);
        return generation;
    }

    /**
     * Checks whether the folder can become a generation. Starts no route.
     *
     * @throws RouteProblemsException when it cannot
     */
    public void check() {
        var files = folder.read();
        var generation = equip(0, contexts.create("check-routes"), files);
        try {
            build(generation);
            loader.checkSchema(files);
        } finally {
            generation.stop();
        }
    }

    /** No route starts before all are built and checked. */
    private void build(RouteGeneration generation) {
        var context = generation.context();
        context.setAutoStartupExcludePattern("*");
        context.start();
        loader.load(generation.files(), context);
        context.setAutoStartupExcludePattern(null);
    }

    private void start(RouteGeneration generation) {
        if (generation.context().isStarted()) { // Camel's test support starts it later
            loader.start(generation.context());
            generation.awaitReady();
        }
    }

    private RouteGeneration equip(int number, CamelContext context, List<RouteFile> files) {
        var engine = new IngressEngine(server, vertx);
        context.getCamelContextExtension().lazyAddContextPlugin(ModelToXMLDumper.class, FlowXml::new);
        try {
            context.addService(engine, true, true);
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP engine cannot be added", e);
        }
        return new RouteGeneration(number, context, engine, files, setup.apply(context), clock.instant());
    }
}
