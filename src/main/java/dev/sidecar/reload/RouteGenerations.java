package dev.sidecar.reload;

import dev.sidecar.ingress.IngressEngine;
import dev.sidecar.ingress.IngressServer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;

/**
 * Makes generations of routes out of what is in the folder: the first in the context that the program starts with, each
 * further one in a context of its own beside it. What cannot be built, or breaks the {@link GuardRails}, leaves nothing
 * behind. Thread-safe.
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
     * @param folder of the route files
     * @param throttleDemanded false where a proxy without a limiter has been asked for
     * @param clock wall clock, for when a generation was loaded
     */
    public RouteGenerations(Path folder, CamelContexts contexts, GenerationSetup setup, IngressServer server,
            Vertx vertx, boolean throttleDemanded, Clock clock) {
        this.folder = new RouteFolder(folder);
        this.contexts = contexts;
        this.setup = setup;
        this.server = server;
        this.vertx = vertx;
        this.loader = new RouteLoader(new GuardRails(throttleDemanded));
        this.clock = clock;
    }

    RouteFolder folder() {
        return folder;
    }

    /**
     * Of what is in the folder, without asking what editors would say of it: that takes a second, which a start has not.
     *
     * @param context not started; started here, if it may be now, and its routes with it
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
     * Built and running, but not in force.
     *
     * @param before of the generation in force; the schema is asked only about files that are different
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
     * Finds out whether a generation could be made of what is in the folder. Nothing of it runs.
     *
     * @throws RouteProblemsException when none could
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

    /** Nothing begins to run before all of it has been built and found good. */
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
        try {
            context.addService(engine, true, true);
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP engine cannot be added", e);
        }
        return new RouteGeneration(number, context, engine, files, setup.apply(context), clock.instant());
    }
}
