package dev.sidecar.boot;

import java.io.IOException;
import java.util.Properties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnResource;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/**
 * Which program this is: the version of the build and, where it was built from a git tree, the commit, as in
 * {@code 0.1.0+c6ef8bf} (semantic versioning's build metadata), with {@code .changed} after it when the tree was not clean.
 */
@Configuration(proxyBeanMethods = false)
class BuildConfiguration {

    private static final String BUILD = "META-INF/build-info.properties";
    private static final String GIT = "git.properties";

    @Bean
    @ConditionalOnResource(resources = "classpath:" + BUILD)
    BuildProperties buildProperties() throws IOException {
        var git = new ClassPathResource(GIT);
        return named(PropertiesLoaderUtils.loadProperties(new ClassPathResource(BUILD)),
                git.exists() ? PropertiesLoaderUtils.loadProperties(git) : new Properties());
    }

    /** As it is told, also where the build left no trace of itself. */
    static String versionOf(ObjectProvider<BuildProperties> build) {
        var properties = build.getIfAvailable();
        return properties == null ? "development" : properties.getVersion();
    }

    static BuildProperties named(Properties build, Properties git) {
        var entries = new Properties();
        build.stringPropertyNames().forEach(
                name -> entries.setProperty(name.replaceFirst("^build\\.", ""), build.getProperty(name)));
        var commit = git.getProperty("git.commit.id.abbrev", "");
        if (!commit.isEmpty()) {
            entries.setProperty("version", entries.getProperty("version") + "+" + commit
                    + (Boolean.parseBoolean(git.getProperty("git.dirty")) ? ".changed" : ""));
        }
        return new BuildProperties(entries);
    }
}
