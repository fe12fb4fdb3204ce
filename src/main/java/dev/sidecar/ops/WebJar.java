package dev.sidecar.ops;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/**
 * A library for browsers on the class path. Its version is the one of the dependency, so that only the build names it.
 * Immutable.
 *
 * @param name name of the artifact in {@code org.webjars.npm}
 */
record WebJar(String name) {

    /** The content of one of its files. */
    byte[] read(String path) throws IOException {
        try (var in = open("/META-INF/resources/webjars/" + name + "/" + version() + "/" + path)) {
            return in.readAllBytes();
        }
    }

    private String version() throws IOException {
        var properties = new Properties();
        try (var in = open("/META-INF/maven/org.webjars.npm/" + name + "/pom.properties")) {
            properties.load(in);
        }
        return properties.getProperty("version");
    }

    private static InputStream open(String resource) {
        var in = WebJar.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException("the class path lacks " + resource);
        }
        return in;
    }
}
