package dev.sidecar;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;

/**
 * The program: a Spring Boot application whose Camel routes are the proxy. Which auto-configurations it uses is said by
 * {@link AutoConfigurations}.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@ComponentScan(excludeFilters = @ComponentScan.Filter(type = FilterType.CUSTOM, classes = TypeExcludeFilter.class))
@ConfigurationPropertiesScan
public class SidecarApplication {

    public static void main(String[] args) {
        if (CheckRoutes.isAskedFor(args)) {
            System.exit(CheckRoutes.run(args));
        } else if (ProvingApplication.isAskedFor(args)) {
            ProvingApplication.main(args);
        } else {
            start(args);
        }
    }

    /** Ready to run, here or in a test. */
    public static SpringApplication application() {
        var application = new SpringApplication(SidecarApplication.class);
        application.setApplicationContextFactory(type -> new ProxyFirstContext());
        // What only the management server needs is made with it; what is made at the start says SidecarConfiguration.
        application.setLazyInitialization(true);
        return application;
    }

    private static void start(String[] args) {
        SecondSignal.endsAtOnce();
        try {
            application().run(args);
        } catch (SpringApplication.AbandonedRunException e) {
            throw e; // as the build does, which only wants to know the beans
        } catch (RuntimeException e) {
            // Why has been reported. Threads that were started before must not keep half a program alive, which a service
            // manager would take for a running one.
            System.exit(1);
        }
    }
}
